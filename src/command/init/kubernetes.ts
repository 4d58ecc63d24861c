/**
 * Manifests for Kubernetes, as text.
 */
import { graceVariable } from "../../platform/node/limits.ts"
import {
  cli,
  clientPort,
  graceText,
  graceVariableText,
  type Installation,
  portText,
  writableFolders,
  writableText,
} from "./figures.ts"
import { openHealthFlag } from "./endpoint.ts"
import { processorText } from "./room.ts"
import { kubernetesCommand } from "./words.ts"

/** How often it is asked whether the pool has started, in s. */
const startPeriodSeconds = 2

export function manifests(installation: Installation): string {
  const { name, words, graceSeconds, stopDelayMs, room } = installation
  const command = kubernetesCommand(["node", cli, ...words])
  const mounts = writableFolders(installation).map(
    (folder) => `            - { name: tmp, mountPath: ${JSON.stringify(folder)} }`,
  )
  const delay =
    stopDelayMs > 0
      ? "# stopDelay serves on while the service still sends clients here."
      : "# A pod still gets clients for some seconds after SIGTERM: set --stop-delay 5s, and print this again."
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels: { app: ${name} }
spec:
  # No replicas: the autoscaler below sets them, and a figure here would undo that at each kubectl apply. A new Deployment has one
  # pod until the autoscaler has looked.
  selector:
    matchLabels: { app: ${name} }
  # A new pod is ready before an old one goes.
  strategy:
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }
  template:
    metadata:
      labels: { app: ${name} }
    spec:
      # ${graceText(installation)}
      ${delay}
      terminationGracePeriodSeconds: ${graceSeconds}
      # What workers leave behind is reaped by the pause container.
      shareProcessNamespace: true
      securityContext:
        runAsNonRoot: true
        runAsUser: 1000
        seccompProfile: { type: RuntimeDefault }
      containers:
        - name: ${name}
          # Write the tag of a build: what latest is may differ from pod to pod, and there is no way back.
          image: ${name}:latest
          # With node in the PATH of the image, as in those of kamisama init docker and distroless.
          command: ${command}
          ports:
            # ${portText}
            - { name: http, containerPort: ${clientPort} }
${metricsPort(installation)}          env:
            # ${graceVariableText}
            - { name: ${graceVariable}, value: "${graceSeconds}" }
            # ${room.text}
            - { name: NODE_OPTIONS, value: "${room.nodeOptions}" }
          resources:
            # ${processorText(room)}
            requests: { cpu: "${room.workers}", memory: ${room.memory}Mi }
            limits: { cpu: "${room.workers}", memory: ${room.memory}Mi }
${probes(installation)}          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: { drop: [ALL] }
          volumeMounts:
            # ${writableText}
${mounts.join("\n")}
      volumes:
        - name: tmp
          emptyDir: { medium: Memory, sizeLimit: ${room.tmp}Mi }
---
apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  selector: { app: ${name} }
  ports:
    - { name: http, port: 80, targetPort: http }
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: ${name}
spec:
  maxUnavailable: 1
  selector:
    matchLabels: { app: ${name} }
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: ${name}
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: ${name} }
  minReplicas: 3
  maxReplicas: 12
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: { type: Utilization, averageUtilization: 70 }
${podMonitor(installation)}`
}

/** By HTTP where Kubernetes reaches a port for it; otherwise by the command, which costs a process each time. */
function probes({ health, healthWords, startSeconds }: Installation): string {
  const open = openHealthFlag(health)
  if (health?.isOpen !== true && healthWords === undefined) {
    return `          # There are no probes, because nothing in the pod can be asked without a control socket: give ${open}.
`
  }
  const ask = (path: string, ...flags: readonly string[]): string =>
    health?.isOpen === true
      ? `httpGet: { path: /${path}, port: ${health.port} }`
      : `exec: { command: ${JSON.stringify(["node", cli, ...(healthWords ?? []), ...flags])} }`
  const why = health === undefined ? "E" : `Port ${health.port} is open on loopback alone, so e`
  const hint =
    health?.isOpen === true
      ? ""
      : `          # ${why}ach probe starts a process. With ${open}, Kubernetes asks by HTTP.
`
  return `${hint}          # The pool has ${startSeconds} s to start. Until then the other probes wait.
          startupProbe: { ${ask("startupz", "--started")}, periodSeconds: ${startPeriodSeconds}, timeoutSeconds: 3, failureThreshold: ${Math.ceil(startSeconds / startPeriodSeconds)} }
          # A pool that cannot serve gets no clients. One that is deleted gets none either, but Kubernetes sees to that without asking.
          readinessProbe: { ${ask("readyz")}, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 1 }
          # Only a pool that has given up, or a primary that hangs, is started again.
          livenessProbe: { ${ask("livez", "--live")}, periodSeconds: 10, timeoutSeconds: 3, failureThreshold: 3 }
`
}

function metricsPort({ metrics }: Installation): string {
  if (metrics === undefined) return ""
  if (metrics.isOpen) return `            - { name: metrics, containerPort: ${metrics.port} }\n`
  return `            # Metrics are on loopback alone. With --metrics 0.0.0.0:${metrics.port}, there is a port for them, and a PodMonitor.
`
}

function podMonitor({ name, metrics }: Installation): string {
  if (metrics?.isOpen !== true) return ""
  return `---
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata:
  name: ${name}
spec:
  selector:
    matchLabels: { app: ${name} }
  podMetricsEndpoints:
    - { port: metrics, interval: 15s }
`
}
