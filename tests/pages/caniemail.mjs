// node caniemail.mjs MODULE CLIENTS FILE…: prints as JSON which clients do not support what in a file.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [module, clients, ...files] = process.argv.slice(2);
const { caniemail } = await import(pathToFileURL(module));
const unsupported = {};
for (const file of files) {
    const html = readFileSync(file, 'utf8');
    const found = unsupported[file] = {};
    for (const [client, issues] of caniemail({ clients: clients.split(','), html }).issues.errors)
        for (const { title } of issues) (found[title] ??= new Set()).add(client);
    for (const title in found) found[title] = [...found[title]].sort();
}
console.log(JSON.stringify(unsupported));
