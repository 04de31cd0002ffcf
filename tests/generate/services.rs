//! The services of Consul and Kubernetes, as JSON and YAML have them, and as `kubectl` knows their fields. No
//! Consul is packaged by Debian 12, and no Kubernetes runs here: that they are followed is not tested.

use std::fs;

use serde_json::{Value, json};
use support::Trouble;

use crate::Program;

const NODES: [&str; 4] = ["--node", "srv1=10.20.30.51", "--node", "srv2=2001:db8::52"];

/// Reads YAML as Python's reader does, and prints its documents as a list of JSON.
const AS_JSON: &str =
    "import json, sys, yaml; json.dump(list(yaml.safe_load_all(open(sys.argv[1]))), sys.stdout)";

fn consul(program: &Program, args: &[&str]) -> Value {
    serde_json::from_str(&program.generate("consul", args)).unwrap()
}

fn kubernetes(program: &Program, args: &[&str]) -> Vec<Value> {
    let text = program.generate("kubernetes", args);
    fs::write(program.scratch.path().join("objects.yaml"), &text).unwrap();
    let mut python = program.scratch.command("/usr/bin/python3");
    let output = python.args(["-c", AS_JSON, "objects.yaml"]).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What `kubectl` makes of an object, without a cluster; a field that it does not know is gone.
fn by_kubectl(program: &Program, object: &Value, args: &[&str]) -> Value {
    fs::write(
        program.scratch.path().join("object.json"),
        object.to_string(),
    )
    .unwrap();
    let mut kubectl = program.scratch.command("kubectl");
    kubectl
        .args(args)
        .args(["--local", "-f", "object.json", "-o", "json"]);
    let output = kubectl.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Whether everything in one value is in the other.
fn holds(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => part
            .iter()
            .all(|(key, value)| whole.get(key).is_some_and(|found| holds(found, value))),
        (Value::Array(whole), Value::Array(part)) => {
            whole.len() == part.len()
                && whole.iter().zip(part).all(|(one, other)| holds(one, other))
        }
        _ => whole == part,
    }
}

#[test]
fn consul_has_a_service_for_each_role() -> Result<(), Trouble> {
    let program = Program::new("[listen]\nhttp = [\"[::]:80\"]\n")?;
    let read = consul(&program, &["--max-lag", "16MB"]);
    let services = read["services"].as_array().unwrap();
    let asked = services.iter().map(|service| {
        let check = &service["checks"][0];
        assert_eq!(service["name"], "postgresql");
        assert_eq!(service["port"], 5434);
        assert_eq!(
            (&check["interval"], &check["timeout"]),
            (&json!("2s"), &json!("2s"))
        );
        (service["tags"][0].clone(), check["http"].clone())
    });
    let asked: Vec<_> = asked.collect();
    assert_eq!(
        asked,
        [
            (json!("primary"), json!("http://[::1]:80/primary")),
            (
                json!("standby"),
                json!("http://[::1]:80/replica?lag=16777216")
            ),
        ]
    );
    assert_ne!(services[0]["id"], services[1]["id"]);

    let script = ["--check", "script", "--on", "srv2", "--name", "db"];
    let read = consul(&program, &[&script[..], &NODES].concat());
    let standby = &read["services"][1];
    let args = [
        "/usr/bin/pgsql-state",
        "check",
        "role",
        "--expect",
        "standby",
        "--consul",
        "--config",
        &program.config,
    ];
    assert_eq!(standby["checks"][0]["args"], json!(args));
    assert_eq!(standby["address"], "2001:db8::52");
    assert_eq!(standby["id"], "db-standby");
    Ok(())
}

#[test]
fn servers_outside_of_kubernetes_are_behind_two_services() -> Result<(), Trouble> {
    let program = Program::new("")?;
    let objects = kubernetes(&program, &[&["outside"], &NODES[..]].concat());
    let kinds: Vec<&str> = objects
        .iter()
        .map(|object| object["kind"].as_str().unwrap())
        .collect();
    let service = ["Service", "EndpointSlice", "EndpointSlice"];
    assert_eq!(kinds, [service, service].concat());
    for (group, port) in [(&objects[..3], 5432), (&objects[3..], 5433)] {
        let name = &group[0]["metadata"]["name"];
        assert_eq!(group[0]["spec"]["ports"][0]["targetPort"], port);
        assert!(group[0]["spec"].get("selector").is_none());
        let known = by_kubectl(&program, &group[0], &["set", "selector", "a=b"]);
        assert!(holds(&known, &group[0]), "{known}");
        let families = ["IPv4", "IPv6"]
            .into_iter()
            .zip(["10.20.30.51", "2001:db8::52"]);
        for (slice, (family, address)) in group[1..].iter().zip(families) {
            assert_eq!(slice["apiVersion"], "discovery.k8s.io/v1");
            assert_eq!(
                &slice["metadata"]["labels"]["kubernetes.io/service-name"],
                name
            );
            assert_eq!(slice["addressType"], family);
            assert_eq!(
                slice["ports"],
                json!([{ "name": "postgresql", "protocol": "TCP", "port": port }])
            );
            let endpoint = json!({ "addresses": [address], "conditions": { "ready": true } });
            assert_eq!(slice["endpoints"], json!([endpoint]));
        }
    }
    Ok(())
}

#[test]
fn servers_inside_are_ready_whatever_their_role() -> Result<(), Trouble> {
    let program = Program::new("")?;
    let args = [
        "inside",
        "--name",
        "db",
        "--max-lag",
        "1MB",
        "--http-port",
        "80",
    ];
    let objects = kubernetes(&program, &args);
    let [service, patch] = &objects[..] else {
        panic!("{objects:?}");
    };
    let known = by_kubectl(
        &program,
        service,
        &["set", "selector", "app.kubernetes.io/name=db"],
    );
    assert!(holds(&known, service), "{known}");

    let set = json!({
        "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": { "name": "db" },
        "spec": { "template": { "spec": { "containers": [
            { "name": "db", "image": "a" }, { "name": "pgsql-state", "image": "b" },
        ] } } },
    });
    let merge = ["patch", "--type=strategic", "--patch", &patch.to_string()];
    let patched = by_kubectl(&program, &set, &merge);
    let containers = |set: &Value| set["spec"]["template"]["spec"]["containers"].clone();
    let merged = containers(&patched);
    let (server, daemon) = (&merged[0], &merged[1]);
    assert_eq!(merged.as_array().unwrap().len(), 2);
    assert_eq!(
        (&server["image"], &daemon["image"]),
        (&json!("a"), &json!("b"))
    );
    let asked = json!({ "path": "/readiness?lag=1048576", "port": 80 });
    assert_eq!(server["readinessProbe"]["httpGet"], asked);
    // Nothing ends a server that recovers, and no role keeps a pod from being ready.
    assert!(server.get("livenessProbe").is_none() && server.get("startupProbe").is_none());
    assert!(!patch.to_string().contains("/primary"), "{patch}");
    for probe in ["startupProbe", "livenessProbe"] {
        assert_eq!(
            daemon[probe]["httpGet"],
            json!({ "path": "/liveness", "port": 80 })
        );
    }
    let known = by_kubectl(&program, &patched, &["set", "env", "A=b"]);
    assert!(holds(&containers(&known), &containers(&patched)), "{known}");
    // That it would find something.
    let mistaken = patched.to_string().replace("periodSeconds", "periodSecond");
    let mistaken: Value = serde_json::from_str(&mistaken).unwrap();
    let known = by_kubectl(&program, &mistaken, &["set", "env", "A=b"]);
    assert!(
        !holds(&containers(&known), &containers(&mistaken)),
        "{known}"
    );
    Ok(())
}
