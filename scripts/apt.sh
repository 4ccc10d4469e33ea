# To be sourced: installs Debian packages, where this user may. The caller has a `say`.

quietly() { words=$("$@" 2>&1) || { printf '%s\n' "$words" >&2; return 1; }; }

# Succeeds where this user may install Debian packages without being asked for a password.
may_install() {
    command -v apt-get >/dev/null || return 1
    as_root=
    [ "$(id -u)" = 0 ] && return 0
    as_root='sudo -n'
    $as_root true 2>/dev/null
}

apt_install() {
    say "installing $* with apt-get"
    apt="$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120"
    quietly $apt install --no-install-recommends "$@" 2>/dev/null && return 0
    quietly $apt update && quietly $apt install --no-install-recommends "$@"
}
