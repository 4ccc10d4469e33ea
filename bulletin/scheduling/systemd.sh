#!/bin/sh
# Bulletin for systemd: read this, then run it as root. Nothing is lost by running it again.
#   bulletin schedule systemd | sudo sh
<% if secrets %>
# Secrets are systemd credentials. Write each alone into a file, owned by root, mode 0600:
<% for name in secrets %>
#   /etc/bulletin/credentials/[[ name ]]
<% endfor %>
<% endif %>
# The archive lies <% if is_file %>in a file: keep it on a local disk, and back it up<% else %>in a database<% endif %>.
set -eu
units="${DESTDIR:-}/etc/systemd/system"
mkdir -p "$units"

<% macro service(name, description, line, success) %>
cat >"$units/[[ name ]].service" <<'EOF'
[Unit]
Description=[[ description ]]
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
User=[[ place.user ]]
WorkingDirectory=[[ folder | replace("%", "%%") ]]
ExecStart=[[ line ]]
<% if success %>
SuccessExitStatus=[[ success ]]
<% endif %>
TimeoutStartSec=1h
<% for name in secrets %>
LoadCredential=[[ name ]]:/etc/bulletin/credentials/[[ name ]]
<% endfor %>
CacheDirectory=bulletin
Environment=XDG_CACHE_HOME=%C/bulletin
ReadWritePaths=<% for path in writable %>[[ path | unit ]] <% endfor %>

ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
LockPersonality=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
UMask=0022
EOF
<% endmacro %>
<% macro timer(name, description, moments) %>
cat >"$units/[[ name ]].timer" <<'EOF'
[Unit]
Description=[[ description ]]

[Timer]
<% for moment in moments %>
OnCalendar=[[ moment ]]
<% endfor %>
Persistent=true
AccuracySec=1min

[Install]
WantedBy=timers.target
EOF
<% endmacro %>
<% set bulletin = (place.program | string | unit) ~ " --config " ~ (config | unit) %>
[[ service("bulletin", "Bulletin: print and deliver what is due", bulletin ~ " run", "3 75") ]]
[[ timer("bulletin", "Bulletin, from the cut-off on", hours.calendar()) ]]
[[ service("bulletin-watch", "Bulletin: tell if this week's edition is not out", bulletin ~ " watch", "") ]]
[[ timer("bulletin-watch", "The dead man's switch of Bulletin", hours.calendar_watches()) ]]
<% if hours.preview %>
<% set shell = (place.program | string | shell) ~ " --config " ~ (config | shell) %>
<% set draft %>week=$([[ shell ]] draft --json | sed -n 's/^{"week": "\([^"]*\)".*/\1/p') && exec [[ shell ]] publish "$week" --as preview<% endset %>
[[ service("bulletin-preview", "Bulletin: a draft for the editors", "/bin/sh -c " ~ (draft | unit), "75") ]]
[[ timer("bulletin-preview", "Bulletin, for the editors", [calendar_time(hours.preview, hours.zone)]) ]]
<% endif %>
[ -z "${DESTDIR:-}" ] || exit 0
systemctl daemon-reload
systemctl enable --now bulletin.timer bulletin-watch.timer<% if hours.preview %> bulletin-preview.timer<% endif %>

