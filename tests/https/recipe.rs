//! The recipe of `docs/reference/http.md` for a node's certificate: `openssl` takes it, and `check-config` has nothing to say.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::PROGRAM;
use crate::pki::Files;

/// The commands of the page's section on certificates.
fn recipe() -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/http.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, section) = page.split_once("### Certificates for the nodes").unwrap();
    let (section, _) = section.split_once("\n### ").unwrap();
    let consoles = section.split("```").skip(1).step_by(2);
    let consoles = consoles.map(|console| console.strip_prefix("console\n").unwrap());
    let commands: String = consoles.collect();
    let commands = format!("\n{commands}");
    commands.replace("\n$ ", "\n")
}

#[test]
fn the_recipe_for_a_nodes_certificate_gives_one_that_check_config_has_nothing_to_say_of() {
    let files = Files::new();
    let made = files
        .command("bash")
        .args(["-e", "-c", &recipe()])
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    fs::set_permissions(files.path("http.key"), fs::Permissions::from_mode(0o600)).unwrap();
    let path = |name: &str| files.path(name).display().to_string();
    let text = format!(
        "[postgres]\nconninfo = \"host=/run/x user=me dbname=d\"\n[http]\ncertificate_file = \"{}\"\n\
         key_file = \"{}\"\nclient_ca_file = \"{ca}\"\n[cluster]\nca_file = \"{ca}\"\n\
         nodes = [ {{ name = \"srv1\", address = \"10.20.30.51\" }} ]\n[admission]\ntrusted = [\"@haproxy\"]\n",
        path("http.pem"),
        path("http.key"),
        ca = path("ca.pem"),
    );
    let config = files.write("pgsql-state.toml", &text);
    let checked = files
        .command(PROGRAM)
        .args(["check-config", &config])
        .output();
    let checked = checked.unwrap();
    assert!(checked.status.success(), "{checked:?}");
    assert_eq!(String::from_utf8_lossy(&checked.stderr), "");
}
