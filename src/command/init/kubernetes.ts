/**
 * Manifests for Kubernetes, as text.
 */
import { graceVariable } from "../../platform/node/limits.ts"
import { cli, graceText, type Installation } from "./figures.ts"

export function manifests(installation: Installation): string {
  const { name, words, graceSeconds, stopDelayMs, metricsPort } = installation
  const command = JSON.stringify(["node", cli, ...words])
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
  replicas: 3
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
          image: ${name}:latest
          command: ${command}
          ports:
            - { name: http, containerPort: 3000 }
${metricsPort === undefined ? "" : `            - { name: metrics, containerPort: ${metricsPort} }\n`}          env:
            # The grace period, for the pool: it warns if it no longer fits.
            - { name: ${graceVariable}, value: "${graceSeconds}" }
          resources:
            # The number of workers follows the limit of the processor. All of them share the memory.
            requests: { cpu: "2", memory: 512Mi }
            limits: { cpu: "2", memory: 1Gi }
          # The pool has 60 s to start. Until then the other probes wait.
          startupProbe: { ${probe(installation, "startupz", "--started")}, periodSeconds: 2, timeoutSeconds: 3, failureThreshold: 30 }
          # Not ready at once after SIGTERM, so that the service leaves it out.
          readinessProbe: { ${probe(installation, "readyz", undefined)}, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 1 }
          # Only a pool that has given up, or a primary that hangs, is started again.
          livenessProbe: { ${probe(installation, "livez", "--live")}, periodSeconds: 10, timeoutSeconds: 3, failureThreshold: 3 }
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: { drop: [ALL] }
          volumeMounts:
            # For the control socket.
            - { name: tmp, mountPath: /tmp }
      volumes:
        - name: tmp
          emptyDir: { medium: Memory, sizeLimit: 16Mi }
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
  minAvailable: 2
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
${metricsPort === undefined ? "" : podMonitor(name)}`
}

/** By HTTP where the pool has a port for it; otherwise by the command, which costs a process each time. */
function probe({ healthPort }: Installation, path: string, flag: string | undefined): string {
  if (healthPort !== undefined) return `httpGet: { path: /${path}, port: ${healthPort} }`
  const command = ["node", cli, "health", ...(flag === undefined ? [] : [flag])]
  return `exec: { command: ${JSON.stringify(command)} }`
}

function podMonitor(name: string): string {
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
