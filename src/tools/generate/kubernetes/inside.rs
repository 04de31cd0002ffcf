//! Probes of servers inside Kubernetes, for pods with the daemon in a separate container (Kubernetes
//! documentation, "Configure Liveness, Readiness and Startup Probes").

use thiserror::Error;

use crate::base::units::Bytes;
use crate::tools::generate::Label;

const HEAD: &str = "\
# pgsql-state generate kubernetes inside
# A pod is ready if clients can use its server: a primary, or a standby that streams. Readiness does not depend on
# the role: if only the primary were ready, a StatefulSet would wait for its standbys forever in every rollout, a
# PodDisruptionBudget would count them as missing, and a failover would have to pass through two kubelets. HAProxy
# finds out which pod is the primary (pgsql-state generate haproxy).
# No probe restarts PostgreSQL's container: a recovery can take long, and a restart makes it begin anew.
# The daemon needs an address in listen.http. The kubelet connects from its node's, which [admission] must admit.
";

/// The name of the daemon's container.
const DAEMON: &str = "pgsql-state";

/// The inputs of the objects.
#[derive(Clone, Debug)]
pub struct InsidePlan {
    name: Label,
    postgres: u16,
    http: u16,
    /// The largest lag of a standby that is ready.
    pub max_lag: Option<Bytes>,
}

/// Why the objects cannot be generated.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InsideError {
    /// Two containers of a pod cannot have one name.
    #[error("\"{DAEMON}\" is the name of the daemon's container")]
    Name,
    /// The containers of a pod share its ports.
    #[error("PostgreSQL and the daemon would both use port {0} of the pod")]
    Port(u16),
}

impl InsidePlan {
    /// Plans objects for a StatefulSet; it, its service and PostgreSQL's container are called `name`.
    pub fn new(name: Label, postgres: u16, http: u16) -> Result<Self, InsideError> {
        if name.to_string() == DAEMON {
            return Err(InsideError::Name);
        }
        if postgres == http {
            return Err(InsideError::Port(http));
        }
        Ok(Self {
            name,
            postgres,
            http,
            max_lag: None,
        })
    }

    /// The objects as YAML.
    #[must_use]
    pub fn text(&self) -> String {
        HEAD.to_owned() + &self.service() + &self.patch()
    }

    fn service(&self) -> String {
        let Self {
            name,
            postgres,
            http,
            max_lag: _,
        } = self;
        format!(
            r"---
# A name for each pod, ready or not: standbys and HAProxy look for the primary among them.
apiVersion: v1
kind: Service
metadata:
  name: {name}
spec:
  clusterIP: None
  publishNotReadyAddresses: true
  selector:
    app.kubernetes.io/name: {name}
  ports:
    - name: postgresql
      protocol: TCP
      port: {postgres}
    - name: http
      protocol: TCP
      port: {http}
"
        )
    }

    fn patch(&self) -> String {
        let Self { name, http, .. } = self;
        let lag = self.max_lag.map(|lag| format!("?lag={}", lag.0));
        let lag = lag.unwrap_or_default();
        format!(
            r#"---
# A patch of the StatefulSet: for kubectl patch statefulset {name} --patch-file, or the patches of a
# kustomization.
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {name}
spec:
  template:
    spec:
      containers:
        - name: {name}
          # A primary, or a standby that streams and has at most this lag, 1 MB if none is given.
          readinessProbe:
            httpGet:
              path: "/readiness{lag}"
              port: {http}
            periodSeconds: 2
            timeoutSeconds: 2
            failureThreshold: 2
        - name: {DAEMON}
          ports:
            - name: http
              containerPort: {http}
          # Only the daemon, regardless of PostgreSQL.
          startupProbe:
            httpGet:
              path: /liveness
              port: {http}
            periodSeconds: 1
            failureThreshold: 30
          livenessProbe:
            httpGet:
              path: /liveness
              port: {http}
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 3
"#
        )
    }
}
