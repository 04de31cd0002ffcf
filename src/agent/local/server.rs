//! Implements the interface of the actions for the server of one resource. Knows nothing of how each call is carried
//! out.

use std::path::Path;
use std::time::Duration;

use super::instance::{AsServerUser, Instance};
use super::privileges::Stated;
use super::{
    evidence, files, histories, position, problem, processes, promoting, queries, standby_flush,
    starting, stopping, upstream,
};
use crate::agent::actions::server::{CommitProof, ConfigurationProblem, NodeAnswer, Whom};
use crate::agent::actions::{Force, Server, ServerError, Shutdown};
use crate::agent::decide::replay::ReplayProgress;
use crate::agent::decide::scores::ReplicationRow;
use crate::agent::decide::state::{
    BackupLabel, DataDirectory, PostmasterEvidence, ServerAnswer, ServerEvidence,
};
use crate::agent::ocf::node::Node;
use crate::base::Deadline;
use crate::base::system_clock::OnSystemClock;
use crate::health::Lsn;
use crate::postgres::control::ClusterState;
use crate::postgres::position::{Position, Traces};
use crate::postgres::timeline::{PromotionTime, Timeline};
use crate::postgres::wal::History;

impl Server for Instance {
    fn evidence(&mut self, deadline: Deadline) -> ServerEvidence {
        let seen = self.inside(|inside| {
            Ok(evidence::collect(
                inside.conversation,
                inside.parameters,
                deadline,
            ))
        });
        let mut seen = seen.unwrap_or_else(|error| {
            tracing::warn!("{error}");
            if let Some(foreign) = self.foreign() {
                return untouched(&self.parameters.datadir, foreign);
            }
            // Any user can see whether it runs; its answer is not needed.
            let too_late = Deadline::after(Duration::ZERO);
            evidence::collect(&mut self.conversation, &self.parameters, too_late)
        });
        if seen.postmaster == PostmasterEvidence::Gone {
            match self.elsewhere() {
                Ok(none) if none.is_empty() => {}
                Ok(_) => seen.postmaster = PostmasterEvidence::Elsewhere,
                Err(doubt) => {
                    tracing::warn!("{doubt}");
                    seen.postmaster = PostmasterEvidence::Elsewhere;
                }
            }
        }
        seen
    }

    fn started_for(&mut self) -> Option<String> {
        let instance = self.inside(|inside| {
            let postmaster = processes::postmaster(&inside.parameters.datadir);
            Ok(postmaster.and_then(|postmaster| postmaster.started_for()))
        });
        Some(instance.ok()??.resource().to_owned())
    }

    fn runs_in(&mut self, directory: &Path) -> bool {
        let here = self.inside(|inside| {
            let postmaster = processes::postmaster(&inside.parameters.datadir);
            Ok(postmaster.is_some_and(|postmaster| postmaster.works_in(directory)))
        });
        here.unwrap_or(false)
    }

    fn history(&mut self, timeline: Timeline) -> Option<History> {
        let read = self.inside(|inside| Ok(histories::of(&inside.parameters.datadir, timeline)));
        read.ok().flatten()
    }

    fn promoted_at(&mut self, history: &History, deadline: Deadline) -> Option<PromotionTime> {
        let read =
            self.inside(|inside| position::promoted_at(inside.parameters, history, deadline));
        read.unwrap_or_else(|error| {
            tracing::warn!("cannot determine when its timeline began: {error}");
            None
        })
    }

    fn seems_primary(&mut self) -> bool {
        let state = self.inside(|inside| Ok(files::control(&inside.parameters.datadir)?.state));
        state.is_ok_and(|state| state == ClusterState::Production)
    }

    fn problem(&mut self, local: &Node, deadline: Deadline) -> Option<ConfigurationProblem> {
        let foreign = self.foreign();
        let (parameters, conversation) = (&self.parameters, &mut self.conversation);
        if let Some(foreign) = foreign {
            return Some(problem::foreign(foreign));
        }
        let Some(account) = &self.account else {
            return Some(problem::no_such_user(parameters));
        };
        match account.stated() {
            Stated::Of(_) => {}
            Stated::Nobodys => return Some(problem::no_such_user(parameters)),
            Stated::Unknown => tracing::warn!(
                "cannot determine whether parameter system_user is right: the owner of datadir, user {}, is \
                 assumed to be {:?}",
                account.uid().as_raw(),
                parameters.system_user
            ),
        }
        account.learn_groups();
        let found =
            account.run(|| problem::problem(conversation, parameters, account, local, deadline));
        found.unwrap_or_else(|error| Some(problem::not_that_user(parameters, &error)))
    }

    fn start(&mut self, deadline: Deadline) -> Result<(), ServerError> {
        if let Some(account) = &self.account {
            account.learn_groups();
        }
        self.inside(|inside| {
            let AsServerUser {
                parameters,
                resource,
                account,
                conversation,
            } = inside;
            starting::start(conversation, parameters, account, resource, deadline)
        })
    }

    fn stop(&mut self, shutdown: Shutdown, deadline: Deadline) -> Result<Force, ServerError> {
        self.stop_all(shutdown, deadline)
    }

    fn checkpoint(&mut self, deadline: Deadline) -> Result<(), ServerError> {
        self.inside(|inside| {
            let running = inside.running("for a checkpoint")?;
            queries::checkpoint(
                inside.conversation,
                inside.parameters,
                &running.file,
                deadline,
            )
        })
    }

    fn unarchived(&mut self) -> Result<usize, ServerError> {
        self.inside(|inside| files::unarchived(&inside.parameters.datadir))
    }

    fn sweep(&mut self, deadline: Deadline) -> Result<(), ServerError> {
        if let Some(foreign) = self.foreign() {
            let runs = processes::any_works_in(&self.parameters.datadir);
            return if runs {
                Err(ServerError::Unproven(foreign))
            } else {
                Ok(())
            };
        }
        self.inside(|inside| stopping::sweep(&inside.parameters.datadir, deadline))
    }

    fn promote(&mut self, deadline: Deadline) -> Result<(), ServerError> {
        self.inside(|inside| {
            let AsServerUser {
                parameters,
                resource,
                account,
                conversation,
            } = inside;
            promoting::promote(conversation, parameters, account, resource, deadline)
        })
    }

    fn server_on(&mut self, node: &Node, deadline: Deadline) -> Result<NodeAnswer, ServerError> {
        self.inside(|inside| upstream::ask_node(inside, node, deadline))
    }

    fn primary_answers(&mut self, whom: Whom, deadline: Deadline) -> Result<bool, ServerError> {
        self.inside(|inside| upstream::ask(inside, whom, deadline))
    }

    fn traces(&mut self, deadline: Deadline) -> Result<Traces, ServerError> {
        self.inside(|inside| position::traces(inside.conversation, inside.parameters, deadline))
    }

    fn shutdown_checkpoint(&mut self, deadline: Deadline) -> Result<Option<Position>, ServerError> {
        self.inside(|inside| position::shutdown_checkpoint(inside.parameters, deadline))
    }

    fn system_identifier(&mut self) -> Result<u64, ServerError> {
        self.inside(|inside| Ok(files::control(&inside.parameters.datadir)?.system_identifier))
    }

    fn promoted_for(&mut self) -> Option<Duration> {
        let age = self.inside(|inside| Ok(histories::newest_age(&inside.parameters.datadir)));
        age.ok().flatten()
    }

    fn senders(&mut self, deadline: Deadline) -> Result<(Lsn, Vec<ReplicationRow>), ServerError> {
        self.inside(|inside| {
            let running = inside.running("who replicates from it")?;
            queries::senders(
                inside.conversation,
                inside.parameters,
                &running.file,
                deadline,
            )
        })
    }

    fn synchronous_standby_names(&mut self, deadline: Deadline) -> Result<String, ServerError> {
        let is_primary = self.seems_primary();
        self.inside(|inside| {
            let running = inside.running("which standbys its commits wait for")?;
            let asked = queries::synchronous_standby_names(
                inside.conversation,
                inside.parameters,
                &running.file,
                deadline,
            );
            match asked {
                // A standby without a free connection slot can still be promoted.
                Err(error) if !is_primary => {
                    tracing::warn!("{error}; reading its configuration files instead");
                    problem::configured(
                        inside.parameters,
                        inside.account,
                        "synchronous_standby_names",
                        deadline,
                    )
                }
                asked => asked,
            }
        })
    }

    fn prove(&mut self, standby: &Node, deadline: Deadline) -> Result<CommitProof, ServerError> {
        self.inside(|inside| {
            standby_flush::prove(inside.conversation, inside.parameters, standby, deadline)
        })
    }
}

/// Returns the evidence of a server whose data directory may not be touched: whether a server runs there.
fn untouched(datadir: &Path, foreign: String) -> ServerEvidence {
    let postmaster = if processes::any_works_in(datadir) {
        PostmasterEvidence::Runs(None)
    } else {
        PostmasterEvidence::Gone
    };
    ServerEvidence {
        files: DataDirectory::Present {
            control: Err(foreign),
            backup: BackupLabel::Absent,
        },
        postmaster,
        answer: ServerAnswer::NotAsked,
        replay: ReplayProgress::Unproven,
    }
}
