/**
 * Units for systemd, as text: the service, and the socket that may be beside it.
 */
import { graceVariable } from "../../platform/node/limits.ts"
import { cli, graceText, graceVariableText, type Installation } from "./figures.ts"
import { systemdCommand, systemdWord } from "./words.ts"

export function systemdUnit(installation: Installation): string {
  const { name, words, graceSeconds } = installation
  return `# /etc/systemd/system/${name}.service, for systemd 253 or newer. If ${name}.socket is enabled beside it, clients wait there while the
# service restarts: kamisama init systemd-socket prints it.
[Unit]
Description=${name}
Wants=network-online.target
After=network-online.target
# At most ten starts within five minutes. Restarts by hand count, too, and one too many leaves the service stopped:
# systemctl reset-failed ${name} counts from 0 again.
StartLimitIntervalSec=300
StartLimitBurst=10

[Service]
Type=notify
# With an older systemd, leave it out and write NotifyAccess=all.
OpenFile=/run/systemd/notify:notify
WorkingDirectory=/srv/${name}
Environment=NODE_ENV=production KAMISAMA_TITLE=${name}
# ${graceVariableText}
Environment=${graceVariable}=${graceSeconds}
ExecStart=/usr/bin/node ${systemdCommand([cli, ...words])}
${reload(installation)}# A primary that hangs is killed, and the pool starts again.
WatchdogSec=10
# ${graceText(installation)}
TimeoutStopSec=${graceSeconds}
# A pool that gives up is started again.
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

/** Where the socket is, and who uses it. */
function reload({ name, control }: Installation): string {
  if (control === false) {
    return `# There is no ExecReload, because there is no control socket. With --signal HUP=reload, it may be /bin/kill -HUP $MAINPID.
`
  }
  const waits =
    "# Waits until it is over. If the new version is broken, it fails, and the old one serves on."
  // A flag counts more than a variable, so the pool chooses the name. It is found in the folder that systemd has made.
  if (control === true) {
    return `${waits}\nExecReload=/usr/bin/node ${systemdCommand([cli, "reload"])}\n`
  }
  const ours = `/run/${name}/`
  const socket = control ?? `${ours}control.sock`
  const writable = socket.startsWith(ours)
    ? ""
    : `# The service may write to ${ours} and /tmp only: for another folder, add ReadWritePaths=.\n`
  return `${writable}Environment=${systemdWord(`KAMISAMA_CONTROL=${socket}`)}
${waits}
ExecReload=/usr/bin/node ${systemdCommand([cli, "reload", socket])}
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
