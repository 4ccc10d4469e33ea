"""Debian's MediaWiki and DokuWiki on loopback, served by PHP, each with a bot and a person."""

import json
import os
import shutil
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import mwclient

from bulletin.publishing.dokuwiki_rpc import Wiki
from tests.e2e.serving import free_port, running
from tests.e2e.tools import tool

BOT, PASSWORD = "Bulletin", "password0of0the0bot0has032letters"
SIGN_IN = f"{BOT}@weekly"
"""What MediaWiki calls the bot's own password, which reaches no further than its grants."""
GRANTS = "basic,highvolume,editpage,createeditmovepage,uploadfile,uploadeditmovefile"
PERSON, THEIRS = "Anna", "a-password-of-anna"
MEDIAWIKI_SETTINGS = """
$wgUploadDirectory = '{folder}/images';
$wgUploadPath = '/images';
$wgEnableUploads = true;
$wgFileExtensions[] = 'pdf';
$wgVerifyMimeType = false;
$wgJobRunRate = 0;
$wgCacheDirectory = '{folder}/cache';
$wgLocalisationCacheConf['store'] = 'array';
$wgMainCacheType = CACHE_NONE;
$wgDBservers = [[
    'type' => 'sqlite', 'dbname' => $wgDBname, 'dbDirectory' => $wgSQLiteDataDir, 'flags' => 0,
    'load' => 1, 'host' => '', 'user' => '', 'password' => '',
    'variables' => ['synchronous' => 'OFF'],
]];
$wgPasswordConfig['pbkdf2']['cost'] = '100';
$wgGroupPermissions['*']['edit'] = false;
if (file_exists('{folder}/readonly')) {{ $wgReadOnly = 'the database is being mended'; }}
if (file_exists('{folder}/spam')) {{ $wgSpamRegex = ['/catalogue/']; }}
if (file_exists('{folder}/no-uploads')) {{ $wgEnableUploads = false; }}
"""
DOKUWIKI_PRELOAD = """<?php
define('DOKU_CONF', '{folder}/conf/');
define('DOKU_MAIN_CONF', '{folder}/conf/');
"""
DOKUWIKI_SETTINGS = """<?php
$conf['title'] = 'Wiki';
$conf['savedir'] = '{folder}/data';
$conf['useacl'] = 1;
$conf['superuser'] = '@admin';
$conf['remote'] = 1;
$conf['remoteuser'] = '';
$conf['lang'] = 'en';
$conf['useheading'] = 1;
$conf['template'] = 'dokuwiki';
$conf['authtype'] = 'authplain';
$conf['updatecheck'] = 0;
"""
QUICK = ("-d", "opcache.enable_cli=1", "-d", "opcache.revalidate_freq=0")
READ, UPLOAD = 1, 8


class Mediawiki:
    """A MediaWiki on SQLite. What it refuses is switched by files in its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.code, self.port = folder, tool("mediawiki"), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._settings = folder / "LocalSettings.php"
        self._people: dict[str, mwclient.Site] = {}

    @contextmanager
    def serving(self) -> Iterator[None]:
        self._install()
        command = [tool("php"), *QUICK, "-S", f"127.0.0.1:{self.port}", "-t", self.code]
        with running(command, f"{self.url}/api.php", self.folder / "log", env=self._environment()):
            yield

    def _install(self) -> None:
        for name in ("images", "cache"):
            (self.folder / name).mkdir()
        words = ["--dbtype=sqlite", f"--dbpath={self.folder}", f"--confpath={self.folder}"]
        words += [f"--server={self.url}", "--scriptpath=", "--lang=en", "--skins=Vector"]
        env = {key: value for key, value in os.environ.items() if key != "MW_CONFIG_FILE"}
        self._maintain("install", *words, f"--pass={THEIRS}", "Wiki", PERSON, env=env)
        more = MEDIAWIKI_SETTINGS.format(folder=self.folder)
        self._settings.write_text(self._settings.read_text() + more)
        env = self._environment()
        self._maintain("createAndPromote", BOT, "not-used-by-anybody", env=env)
        words = ["--appid=weekly", f"--grants={GRANTS}", BOT, PASSWORD]
        self._maintain("createBotPassword", *words, env=env)

    def _maintain(self, script: str, *words: str, env: dict[str, str]) -> None:
        path = self.code / "maintenance" / f"{script}.php"
        made = subprocess.run(
            [tool("php"), path, *words], env=env, capture_output=True, text=True, check=False
        )
        assert made.returncode == 0, made.stdout + made.stderr

    def _environment(self) -> dict[str, str]:
        return os.environ | {"MW_CONFIG_FILE": str(self._settings), "PHP_CLI_SERVER_WORKERS": "2"}

    @contextmanager
    def being(self, state: str) -> Iterator[None]:
        """Be `readonly`, `spam` or `no-uploads` for a while."""
        switch = self.folder / state
        switch.touch()
        try:
            yield
        finally:
            switch.unlink()

    def person(self, name: str = PERSON, password: str = THEIRS) -> mwclient.Site:
        """Return a client that somebody is signed in with."""
        if name not in self._people:
            site = mwclient.Site(f"127.0.0.1:{self.port}", path="/", scheme="http", max_retries=0)
            site.login(name, password)
            self._people[name] = site
        return self._people[name]

    def save(self, title: str, text: str, name: str = PERSON, password: str = THEIRS) -> None:
        """Save a page as somebody."""
        self.person(name, password).pages[title].save(text, summary="by hand")

    def ask(self, **words: object) -> dict:
        """Ask the API as nobody in particular."""
        asked = urllib.parse.urlencode({"format": "json", "formatversion": 2} | words).encode()
        with urllib.request.urlopen(f"{self.url}/api.php", asked) as answer:
            return json.load(answer)

    def revisions(self, title: str) -> list[dict]:
        """Return every revision of a page, oldest first."""
        words = {"prop": "revisions", "rvprop": "ids|user|content|comment", "rvlimit": 50}
        (page,) = self.ask(action="query", titles=title, rvslots="main", rvdir="newer", **words)[
            "query"
        ]["pages"]
        return page.get("revisions", [])

    def text(self, title: str) -> str:
        return self.revisions(title)[-1]["slots"]["main"]["content"]

    def render(self, text: str) -> str:
        """Return the HTML that the engine makes of a text, as it would be saved."""
        words = {"contentmodel": "wikitext", "pst": 1, "disablelimitreport": 1}
        made = self.ask(action="parse", text=text, title="Sandbox", prop="text", **words)
        return made["parse"]["text"]


class Dokuwiki:
    """A DokuWiki in a folder, its settings and users in plain files."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.code, self.port = folder, tool("dokuwiki"), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._preload = folder / "preload.php"

    @contextmanager
    def serving(self) -> Iterator[None]:
        self._install()
        command = [*self._php(), "-S", f"127.0.0.1:{self.port}", "-t", self.code]
        with running(command, f"{self.url}/doku.php", self.folder / "log"):
            yield

    def _php(self) -> list[str | Path]:
        settings = (f"auto_prepend_file={self._preload}", "error_reporting=0", "display_errors=0")
        return [tool("php"), *QUICK, *(word for one in settings for word in ("-d", one))]

    def _install(self) -> None:
        root = self.code.parents[2]
        shutil.copytree(root / "etc/dokuwiki", self.folder / "conf", ignore=_links)
        shutil.copytree(root / "var/lib/dokuwiki/data", self.folder / "data")
        self._preload.write_text(DOKUWIKI_PRELOAD.format(folder=self.folder))
        conf = self.folder / "conf"
        (conf / "local.php").write_text(DOKUWIKI_SETTINGS.format(folder=self.folder))
        self.allow("bulletin:*", UPLOAD)
        users = [(BOT.lower(), PASSWORD, "user"), (PERSON.lower(), THEIRS, "admin,user")]
        lines = [f"{name}:{self._hash(word)}:{name}:{name}@x.example:{groups}\n"
                 for name, word, groups in users]  # fmt: skip
        (conf / "users.auth.php").write_text("".join(lines))

    def _hash(self, password: str) -> str:
        code = "echo password_hash($argv[1], PASSWORD_BCRYPT, ['cost' => 4]);"
        return subprocess.check_output([tool("php"), "-r", code, password], text=True)

    def allow(self, namespace: str, right: int) -> None:
        """Give users a right in a namespace; everybody may read everything."""
        rules = f"*\t@ALL\t{READ}\n{namespace}\t@user\t{right}\n"
        (self.folder / "conf/acl.auth.php").write_text(rules)

    @contextmanager
    def being(self, right: int) -> Iterator[None]:
        """Give no more than this right for a while."""
        self.allow("bulletin:*", right)
        try:
            yield
        finally:
            self.allow("bulletin:*", UPLOAD)

    def call(self, method: str, *values: object) -> object:
        """Call a method as the person who may do anything."""
        wiki = Wiki.enter(self.url, PERSON.lower(), THEIRS)
        return wiki.call(method, *values)

    def text(self, page: str) -> str:
        return (self.folder / "data/pages" / f"{page.replace(':', '/')}.txt").read_text("utf-8")

    def exists(self, page: str) -> bool:
        return (self.folder / "data/pages" / f"{page.replace(':', '/')}.txt").exists()

    def revisions(self, page: str) -> list[list[str]]:
        """Return the lines of a page's log: moment, address, kind, page, user, summary."""
        log = self.folder / "data/meta" / f"{page.replace(':', '/')}.changes"
        if not log.exists():
            return []
        return [line.split("\t") for line in log.read_text("utf-8").splitlines()]

    def render(self, text: str) -> str:
        """Return the HTML that the engine makes of a text."""
        script = self.code / "bin/render.php"
        made = subprocess.run(
            [*self._php(), script], input=text.encode(), capture_output=True, check=True
        )
        return made.stdout.decode()


def _links(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if (Path(folder) / name).is_symlink()]
