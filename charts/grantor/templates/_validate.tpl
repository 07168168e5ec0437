{{/* What a schema cannot say of the values, each as one line with its remedy. */}}
{{- define "grantor.validate" -}}
{{- $audiences := list }}
{{- range .Values.audiences }}
{{- /* Unless it is told otherwise, an API server accepts what is for the issuer of its own tokens, as on EKS and GKE. */}}
{{- if or (hasPrefix "https://kubernetes.default.svc" .audience) (has .audience (list $.Values.serviceAccountIssuer $.Values.issuer.serviceAccountIssuer)) }}
{{- fail (printf "audiences: %s is the API server's own: whoever holds such a token is that ServiceAccount. Name the audience of an issuer." .audience) }}
{{- end }}
{{- if has .audience $audiences }}
{{- fail (printf "audiences: %s is there twice." .audience) }}
{{- end }}
{{- $audiences = append $audiences .audience }}
{{- end }}
{{- $namespaces := .Values.secretDelivery.namespaces }}
{{- if and (has "*" $namespaces) (gt (len $namespaces) 1) }}
{{- fail "secretDelivery.namespaces: \"*\" is every namespace; leave the others out." }}
{{- end }}
{{- if has .Release.Namespace $namespaces }}
{{- fail (printf "secretDelivery.namespaces: %s is Grantor's own, where no token is ever delivered." .Release.Namespace) }}
{{- end }}
{{- if and (not .Values.node.enabled) (not $namespaces) }}
{{- fail "node.enabled is false and secretDelivery.namespaces is empty: no token could be delivered anywhere." }}
{{- end }}
{{- if and .Values.hostNetwork (eq (int .Values.controller.port) (int .Values.node.port)) }}
{{- fail "hostNetwork: controller.port and node.port share the network of a node, and must differ." }}
{{- end }}
{{- range $key, $_ := .Values.commonLabels }}
{{- if regexMatch "^(app\\.kubernetes\\.io/(name|version|component|managed-by)|helm\\.sh/chart|rbac\\.authorization\\.k8s\\.io/.*)$" $key }}
{{- fail (printf "commonLabels: %s is the chart's to set." $key) }}
{{- end }}
{{- end }}
{{- /* Helm takes over definitions that an uninstalled release left, and never brings them up to date. */}}
{{- if and .Release.IsInstall .Values.crds.enabled }}
{{- $ours := printf "%s-%s" .Chart.Name .Chart.Version }}
{{- $there := lookup "apiextensions.k8s.io/v1" "CustomResourceDefinition" "" "oauthclients.grantor.dev" }}
{{- $theirs := dig "metadata" "labels" "helm.sh/chart" $ours $there }}
{{- if ne $theirs $ours }}
{{- fail (printf "the kinds that are there were left by %s, and Helm would leave them as they are. Bring them up to date first: helm template %s CHART --namespace %s --show-only templates/crds/crds.yaml | kubectl apply --server-side --force-conflicts -f -" $theirs .Release.Name .Release.Namespace) }}
{{- end }}
{{- end }}
{{- end }}
