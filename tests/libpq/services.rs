//! Service files, and strings that name a service.

use crate::Right::{self, Newer, RefusedFor, Same};

/// `~/.pg_service.conf`
pub(crate) const OWN: &str = "\
# the user's own
[whole]
host={dir 2}
port={other}
user=alice
dbname=db
application_name=svc
options=-c geqo=off
[tcp]
host=127.0.0.1
sslmode=require
[tcp6]
hostaddr=::1
sslmode=disable
password=pass
[empty]
[blanks]
  user=alice  \t
\tdbname=d b\r
  # user=bob
[first]
user=alice
user=bob
[hollow]
host=
port=
user=
[quoted]
user='alice'
[equals]
dbname=a=b
[spaced]
user =alice
[spaced value]
user= alice
[no equals]
user
[unknown]
usr=alice
[nested]
service=whole
[nested file]
servicefile=/nonexistent
[old]
requiressl=1
[uri]
dbname=postgresql://127.0.0.1/d
[number]
port=x
[encrypted]
host=127.0.0.1
sslmode=on
[several]
host=127.0.0.1,127.9.0.1
[attributes]
target_session_attrs=primary
[directory]
ldap://127.0.0.1:1/dc=example?x?base
[trailing] whatever
user=alice
[peer]
requirepeer={user}
[other peer]
requirepeer=nobody_at_all
[newer]
require_auth=md5
[\u{e9}]
user=\u{e9}lan
[twice]
user=alice
[between]
user=carol
[twice]
user=bob
[]
user=nameless
[both]
user=own
";

/// `pg_service.conf` of the system.
pub(crate) const SYSTEM: &str = "\
[system]
user=of_system
[both]
user=of_system
";

/// Strings.
pub(crate) const STRINGS: &[(&str, Right)] = &[
    (r#"service=whole"#, Same),
    (r#"service=whole user=bob"#, Same),
    (r#"service=whole user=''"#, Same),
    (r#"user=bob service=whole port={port}"#, Same),
    (r#"service=whole host=127.0.0.1"#, Same),
    (r#"service=tcp"#, Same),
    (r#"service=tcp sslmode=disable"#, Same),
    (r#"service=tcp6 sslpassword=''"#, Same),
    (r#"service=tcp requiressl=0"#, Same),
    (r#"service=empty"#, Same),
    (r#"service=blanks"#, Same),
    (r#"service=first"#, Same),
    (r#"service=hollow"#, Same),
    (r#"service=quoted"#, Same),
    (r#"service=equals"#, Same),
    (r#"service=spaced"#, Same),
    (r#"service='spaced value'"#, Same),
    (r#"service='no equals'"#, Same),
    (r#"service=unknown"#, Same),
    (r#"service=nested"#, Same),
    (r#"service='nested file'"#, Same),
    (r#"service=old"#, Same),
    (r#"service=uri"#, Same),
    (r#"service=number"#, Same),
    (r#"service=encrypted"#, Same),
    (r#"service=several"#, RefusedFor("lists several servers")),
    (
        r#"service=attributes"#,
        RefusedFor("the daemon determines itself"),
    ),
    (r#"service=directory"#, Same),
    (r#"service=trailing"#, Same),
    (r#"service='trailing] whatever'"#, Same),
    (r#"service=peer"#, Same),
    (r#"service='other peer'"#, Same),
    (r#"service=newer"#, Newer),
    (r#"service=é"#, Same),
    (r#"service=twice"#, Same),
    (r#"service=system"#, Same),
    (r#"service=both"#, Same),
    (r#"service=WHOLE"#, Same),
    (r#"service=whol"#, Same),
    (r#"service=' whole'"#, Same),
    (r#"service=nowhere"#, Same),
    (r#"service= user=bob"#, Same),
    (r#"postgresql://?service=whole"#, Same),
    (r#"postgresql://bob@/?service=whole"#, Same),
    (r#"postgresql://127.0.0.1?service=whole"#, Same),
    (r#"postgresql://?service=no%20equals"#, Same),
];

/// Files that are named, for `service=a`.
pub(crate) const FILES: &[(&str, Right)] = &[
    ("", Same),
    ("[a]", Same),
    ("[a]\nuser=alice", Same),
    ("user=bob\n[a]\nuser=alice\n", Same),
    ("[a\nuser=alice\n", Same),
    ("[ a ]\nuser=alice\n", Same),
    ("[ab]\nuser=bob\n[a]\nuser=alice\n", Same),
    (
        "nonsense\n[b]\nnonsense\n[a]\nuser=alice\n[c]\nnonsense\n",
        Same,
    ),
    ("[a]\nuser=alice\nnonsense\n", Same),
    ("[a]\r\nuser=alice\r\n", Same),
    ("[a]\ruser=alice", Same),
    ("\u{feff}[a]\nuser=alice\n", Same),
    ("\x0b\x0c [a]\nuser=alice\x0b\n", Same),
    ("[a]\n;user=bob\n", Same),
    ("[a]\n#user=bob\n", Same),
    ("[a]\n=x\n", Same),
    ("[a]\nUSER=alice\n", Same),
    ("[a]\nldapx=1\n", Same),
];
