/**
 * Units for systemd, as text: the service, and the socket that may be beside it.
 */
import { graceVariable } from "../../platform/node/limits.ts"
import { cli, graceText, type Installation, quoted } from "./figures.ts"

export function systemdUnit(installation: Installation): string {
  const { name, words, graceSeconds } = installation
  const socket = `/run/${name}/control.sock`
  const start = quoted([cli, ...words])
  return `# /etc/systemd/system/${name}.service, for systemd 253 or newer. If ${name}.socket is enabled beside it, clients wait there while the
# service restarts: kamisama init systemd-socket prints it.
[Unit]
Description=${name}
Wants=network-online.target
After=network-online.target
# A pool that gives up is started again, five times within five minutes at most.
StartLimitIntervalSec=300
StartLimitBurst=5

[Service]
Type=notify
# With an older systemd, leave it out and write NotifyAccess=all.
OpenFile=/run/systemd/notify:notify
WorkingDirectory=/srv/${name}
Environment=NODE_ENV=production KAMISAMA_TITLE=${name} KAMISAMA_CONTROL=${socket}
# The time of TimeoutStopSec below, for the pool: it warns if it no longer fits.
Environment=${graceVariable}=${graceSeconds}
ExecStart=/usr/bin/node ${start}
# Waits until it is over. If the new version is broken, it fails, and the old one serves on.
ExecReload=/usr/bin/node ${cli} reload ${socket}
# A primary that hangs is killed, and the pool starts again.
WatchdogSec=10
# ${graceText(installation)}
TimeoutStopSec=${graceSeconds}
Restart=on-failure
RestartSec=2
RuntimeDirectory=${name}
RuntimeDirectoryMode=0700
DynamicUser=yes
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes

[Install]
WantedBy=multi-user.target
`
}

export function systemdSocket({ name }: Installation): string {
  return `# /etc/systemd/system/${name}.socket. It stays open while the service restarts, so no client is refused.
[Unit]
Description=The socket of ${name}

[Socket]
ListenStream=3000
FileDescriptorName=http
Backlog=1024

[Install]
WantedBy=sockets.target
# The service never starts without it.
RequiredBy=${name}.service
`
}
