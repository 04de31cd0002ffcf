//! Probes of servers inside Kubernetes, for pods with the daemon in a separate container (Kubernetes
//! documentation, "Configure Liveness, Readiness and Startup Probes").

use thiserror::Error;

use crate::base::units::Bytes;
use crate::tools::generate::Label;

const HEAD: &str = "\
# pgsql-state generate kubernetes inside
# Ready is a server that clients can use: a primary, or a standby that streams. Never is it the role: with
# pods that are ready as the primary alone a StatefulSet would wait for its standbys for good in every rollout, a
# PodDisruptionBudget would count them as missing, and a failover would have to pass through two kubelets. Which
# pod is the primary is for HAProxy to find out (pgsql-state generate haproxy).
# No probe ends PostgreSQL's container: recovery takes as long as it takes, and who ends it has it begin anew.
# The daemon needs an address in listen.http. The kubelet asks from its node's, which [admission] must let in.
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
          # A primary, or a standby that streams and is no further behind than lag, 1 MB where none is given.
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
          # The daemon alone, whatever becomes of PostgreSQL.
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
