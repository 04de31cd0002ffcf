use super::*;

#[test]
fn the_agent_describes_itself() {
    let told = metadata().replace(env!("CARGO_PKG_VERSION"), "VERSION");
    insta::assert_snapshot!(told, @r#"
    <?xml version="1.0"?>
    <!DOCTYPE resource-agent SYSTEM "ra-api-1.dtd">
    <resource-agent name="pgsqlms" version="VERSION">
      <version>1.1</version>
      <longdesc lang="en">A promotable clone whose instances are PostgreSQL servers: one primary and its standbys, in streaming replication. Every server starts as a standby; the cluster promotes one that lacks nothing of what the others have, nor of what synchronous standbys that are away may have acknowledged.</longdesc>
      <shortdesc lang="en">Manages PostgreSQL servers in streaming replication</shortdesc>
      <parameters>
        <parameter name="system_user" unique="0" required="0" reloadable="1">
          <longdesc lang="en">The user who owns the server&apos;s files and runs the server; also the role with which the agent connects to it.</longdesc>
          <shortdesc lang="en">Owner of the server</shortdesc>
          <content type="string" default="postgres"/>
        </parameter>
        <parameter name="bindir" unique="0" required="0" reloadable="1">
          <longdesc lang="en">The directory of postgres and pg_ctl, of the data directory&apos;s major version.</longdesc>
          <shortdesc lang="en">Directory of the server&apos;s programs</shortdesc>
          <content type="string" default="/usr/bin"/>
        </parameter>
        <parameter name="pgdata" unique="1" required="0" reloadable="0">
          <longdesc lang="en">The argument of pg_ctl --pgdata: the data directory, or the directory of postgresql.conf if that is another one, as on Debian.</longdesc>
          <shortdesc lang="en">Data directory, or directory of the configuration</shortdesc>
          <content type="string" default="/var/lib/pgsql/data"/>
        </parameter>
        <parameter name="datadir" unique="1" required="0" reloadable="0">
          <longdesc lang="en">The data directory, if pgdata is that of the configuration: what data_directory is set to in postgresql.conf.</longdesc>
          <shortdesc lang="en">Data directory</shortdesc>
          <content type="string" default="PGDATA"/>
        </parameter>
        <parameter name="pghost" unique="0" required="0" reloadable="1">
          <longdesc lang="en">Where the agent connects to the server: the directory of its Unix socket, or a local address. If another server answers there, as a neighbour or a load balancer may at an address, the agent logs that, ignores the answer, and connects where the server itself listens.</longdesc>
          <shortdesc lang="en">Directory of the server&apos;s socket, or its address</shortdesc>
          <content type="string" default="/var/run/postgresql"/>
        </parameter>
        <parameter name="pgport" unique="0" required="0" reloadable="1">
          <longdesc lang="en">The port of the server, which is also part of the name of its Unix socket.</longdesc>
          <shortdesc lang="en">Port of the server</shortdesc>
          <content type="integer" default="5432"/>
        </parameter>
        <parameter name="maxlag" unique="0" required="0" reloadable="1">
          <longdesc lang="en">How many bytes of WAL a standby may lack of what the primary has written. One that lacks more is not promoted, neither by its score nor in an election. 0 means that it may lack any number.</longdesc>
          <shortdesc lang="en">How far behind a standby may be that is promoted</shortdesc>
          <content type="integer" default="0"/>
        </parameter>
        <parameter name="recovery_template" unique="0" required="0" reloadable="1">
          <longdesc lang="en">Has no effect, and is there for resources that PAF ran: PostgreSQL has had no recovery.conf since version 12. What a standby needs belongs into postgresql.conf.</longdesc>
          <shortdesc lang="en">Has no effect</shortdesc>
          <content type="string" default="PGDATA/recovery.conf.pcmk"/>
        </parameter>
        <parameter name="start_opts" unique="0" required="0" reloadable="1">
          <longdesc lang="en">Options that postgres is started with, such as &quot;-c config_file=/etc/postgresql/17/main/postgresql.conf&quot; where postgresql.conf is not in pgdata.</longdesc>
          <shortdesc lang="en">More options for the server</shortdesc>
          <content type="string" default=""/>
        </parameter>
      </parameters>
      <actions>
        <action name="start" timeout="60s"/>
        <action name="stop" timeout="60s"/>
        <action name="reload" timeout="20s"/>
        <action name="reload-agent" timeout="20s"/>
        <action name="promote" timeout="30s"/>
        <action name="demote" timeout="120s"/>
        <action name="monitor" timeout="10s" interval="15s" role="Promoted" depth="0"/>
        <action name="monitor" timeout="10s" interval="16s" role="Unpromoted" depth="0"/>
        <action name="notify" timeout="60s"/>
        <action name="meta-data" timeout="5s"/>
        <action name="validate-all" timeout="5s"/>
        <action name="methods" timeout="5s"/>
      </actions>
    </resource-agent>
    "#);
}
