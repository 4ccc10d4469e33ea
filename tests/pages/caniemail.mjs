// node caniemail.mjs MODULE CLIENTS FILE…: prints as JSON which clients do not support what in a file.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [module, clients, ...files] = process.argv.slice(2);
const { caniemail, rawData } = await import(pathToFileURL(module));
const unsupported = {};
for (const file of files) {
    const html = readFileSync(file, 'utf8');
    const found = unsupported[file] = {};
    for (const [client, issues] of caniemail({ clients: clients.split(','), html }).issues.errors)
        for (const { title } of issues) (found[title] ??= new Set()).add(client);
    // The module looks only for elements whose title is `<x> element`; these have titles of their own.
    for (const { category, title, stats } of rawData.data) {
        const [, tag] = (category === 'html' && title.match(/<([\w-]+)>/)) || [];
        if (!tag || !new RegExp(`<${tag}[\\s/>]`, 'i').test(html)) continue;
        for (const client of clients.split(',')) {
            const [family, platform] = client.split('.');
            const newest = Object.values(stats[family]?.[platform] ?? {}).at(-1);
            if (newest?.startsWith('n')) (found[title] ??= new Set()).add(client);
        }
    }
    for (const title in found) found[title] = [...found[title]].sort();
}
console.log(JSON.stringify(unsupported));
