{{/* On every object. */}}
{{- define "grantor.labels" -}}
{{ include "grantor.labelsWith" (dict "root" . "labels" dict) }}
{{- end }}

{{/* With some more, of which one that commonLabels has too counts: (dict "root" . "labels" (dict …)). */}}
{{- define "grantor.labelsWith" -}}
app.kubernetes.io/name: grantor
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- with merge dict .labels .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Of the pods of one part: (dict "component" "node"). */}}
{{- define "grantor.selector" -}}
app.kubernetes.io/name: grantor
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* On pods of one part: nothing that changes with the chart alone, so that they are replaced only for something new. */}}
{{- define "grantor.podLabels" -}}
{{ include "grantor.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Registry, repository, and digest or tag. */}}
{{- define "grantor.image" -}}
{{- with .Values.image -}}
{{- with .registry }}{{ trimSuffix "/" . }}/{{ end }}{{ .repository }}
{{- if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end -}}
{{- end }}

{{/* The list of audiences, the embedded issuer's own among them: JSON, for fromJsonArray. */}}
{{- define "grantor.audiences" -}}
{{- $audiences := .Values.audiences | default list -}}
{{- if .Values.issuer.enabled -}}
{{- $own := include "grantor.issuer.url" . -}}
{{- $there := false -}}
{{- range $audiences }}{{ if eq .audience $own }}{{ $there = true }}{{ end }}{{ end -}}
{{- if not $there }}{{ $audiences = append $audiences (dict "audience" $own) }}{{ end -}}
{{- end -}}
{{- $audiences | toJson -}}
{{- end }}

{{/* The identifier of the embedded issuer. */}}
{{- define "grantor.issuer.url" -}}
{{- .Values.issuer.url | default (printf "https://grantor-issuer.%s.svc" .Release.Namespace) -}}
{{- end }}

{{/* Where probes are answered: in a network that is shared, on the pod's own address only. */}}
{{- define "grantor.probes" -}}
--probes={{ if .root.Values.hostNetwork }}[$(POD_IP)]{{ end }}:{{ .port }}
{{- end }}

{{/* How the API server and issuers are reached, where that is not as usual, and where traces go: entries of env. */}}
{{- define "grantor.env" -}}
{{- with .Values.kubernetesAPI }}
{{- if .host }}
- { name: KUBERNETES_SERVICE_HOST, value: {{ .host | quote }} }
- { name: KUBERNETES_SERVICE_PORT, value: {{ .port | quote }} }
{{- end }}
{{- end }}
{{- if .Values.hostNetwork }}
- name: POD_IP
  valueFrom: { fieldRef: { fieldPath: status.podIP } }
{{- end }}
{{- with .Values.proxy }}
{{- if .httpsProxy }}
- { name: HTTPS_PROXY, value: {{ .httpsProxy | quote }} }
# The API server is never behind it.
- { name: NO_PROXY, value: {{ list .noProxy ".svc" ".cluster.local" "$(KUBERNETES_SERVICE_HOST)" | compact | join "," | quote }} }
{{- end }}
{{- end }}
{{- with .Values.tracing }}
{{- if .endpoint }}
- { name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ .endpoint | quote }} }
- { name: OTEL_TRACES_SAMPLER, value: parentbased_traceidratio }
- { name: OTEL_TRACES_SAMPLER_ARG, value: {{ .ratio | quote }} }
{{- with .headersSecretName }}
- name: OTEL_EXPORTER_OTLP_HEADERS
  valueFrom: { secretKeyRef: { name: {{ . }}, key: headers } }
{{- end }}
- name: OTEL_RESOURCE_ATTRIBUTES_POD_NAME
  valueFrom: { fieldRef: { fieldPath: metadata.name } }
- name: OTEL_RESOURCE_ATTRIBUTES_NODE_NAME
  valueFrom: { fieldRef: { fieldPath: spec.nodeName } }
- name: OTEL_RESOURCE_ATTRIBUTES
  value: k8s.namespace.name={{ $.Release.Namespace }},k8s.pod.name=$(OTEL_RESOURCE_ATTRIBUTES_POD_NAME),k8s.node.name=$(OTEL_RESOURCE_ATTRIBUTES_NODE_NAME)
{{- end }}
{{- end }}
{{- end }}

{{/* What all pods have in common: (dict "root" $ "part" .Values.controller). */}}
{{- define "grantor.pod" -}}
{{- if .root.Values.hostNetwork }}
hostNetwork: true
dnsPolicy: ClusterFirstWithHostNet
{{- end }}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .part }}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
nodeSelector:
  {{- merge (dict "kubernetes.io/os" "linux") .nodeSelector | toYaml | nindent 2 }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}

{{/* The restricted Pod Security Standard. */}}
{{- define "grantor.restricted.pod" -}}
runAsNonRoot: true
{{- with .Values.runAsUser }}
runAsUser: {{ int64 . }}
runAsGroup: {{ int64 . }}
{{- end }}
seccompProfile: { type: RuntimeDefault }
{{- end }}
{{- define "grantor.restricted.container" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{/* Egress of a NetworkPolicy: names, the API server, issuers and what is in front of them. */}}
{{- define "grantor.egress" -}}
{{- $ports := concat .Values.networkPolicy.apiServerPorts .Values.networkPolicy.issuerPorts -}}
{{- with .Values.kubernetesAPI }}{{ if .host }}{{ $ports = append $ports .port }}{{ end }}{{ end -}}
{{- with .Values.proxy.httpsProxy }}
{{- with regexFind ":[0-9]+/?$" . }}{{ $ports = append $ports (. | trimAll ":/" | atoi) }}{{ else }}{{ $ports = append $ports 80 }}{{ end -}}
{{- end -}}
- ports: # names; a policy sees the port of the pods behind the Service, which is 5353 on OpenShift
    - { protocol: UDP, port: 53 }
    - { protocol: TCP, port: 53 }
    - { protocol: UDP, port: 5353 }
    - { protocol: TCP, port: 5353 }
- ports: # the API server and issuers, which may be anywhere
    {{- $seen := list }}
    {{- range $ports }}
    {{- if not (has (int .) $seen) }}
    {{- $seen = append $seen (int .) }}
    - { protocol: TCP, port: {{ int . }} }
    {{- end }}
    {{- end }}
{{- with .Values.tracing.endpoint }}
{{- $port := regexFind ":[0-9]+$" (urlParse .).host | trimPrefix ":" | default (hasPrefix "https:" . | ternary 443 80) }}
- ports: # the collector of traces
    - { protocol: TCP, port: {{ int $port }} }
{{- end }}
{{- if .Values.issuer.enabled }}
- to: # the embedded issuer
    - podSelector:
        matchLabels:
          {{- include "grantor.selector" (dict "component" "issuer") | nindent 10 }}
  ports:
    - { protocol: TCP, port: {{ .Values.issuer.port }} }
{{- end }}
{{- end }}

{{/* Ingress of a NetworkPolicy: whoever reads metrics. Probes of the kubelet are not subject to it. */}}
{{- define "grantor.metricsIngress" -}}
- from:
    {{- if .root.Values.networkPolicy.metricsFrom }}
    {{- toYaml .root.Values.networkPolicy.metricsFrom | nindent 4 }}
    {{- else }}
    - namespaceSelector: {}
    {{- end }}
  ports:
    - { protocol: TCP, port: {{ .port }} }
{{- end }}
