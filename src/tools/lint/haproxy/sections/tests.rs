use super::*;

fn source(name: &str, text: &str) -> SourceFile {
    SourceFile {
        name: name.to_owned(),
        text: text.to_owned(),
    }
}

fn read(sources: &[SourceFile]) -> Result<Vec<Section>, ParseError> {
    sections(sources, &Supposed::default()).map(|sections| sections.list)
}

fn refused(text: &str) -> String {
    read(&[source("a.cfg", text)]).unwrap_err().to_string()
}

#[test]
fn files_are_read_as_one() {
    let read = read(&[
        source(
            "a.cfg",
            "\u{feff}global\n daemon\n\ndefaults tcp\n mode tcp\n",
        ),
        source(
            "b.cfg",
            "listen pg *:5432 from tcp\r\n  server a b:1\r\nuserlist u\n user x\n",
        ),
    ]);
    let read = read.unwrap();
    let kinds: Vec<SectionKind> = read.iter().map(|section| section.kind).collect();
    assert_eq!(
        kinds,
        [
            SectionKind::Global,
            SectionKind::Defaults,
            SectionKind::Listen,
            SectionKind::Other
        ]
    );
    let listen = &read[2];
    assert_eq!(listen.name, "pg");
    assert_eq!(listen.bind.as_deref(), Some("*:5432"));
    assert_eq!(listen.from.as_deref(), Some("tcp"));
    assert_eq!(listen.place.to_string(), "b.cfg:1");
    assert_eq!(listen.lines[0].words, ["server", "a", "b:1"]);
    assert_eq!(listen.lines[0].place.to_string(), "b.cfg:2");
}

#[test]
fn sections_that_need_no_name_may_have_none() {
    let read = read(&[source("a", "defaults from base\ndefaults\n")]).unwrap();
    assert_eq!(read[0].from.as_deref(), Some("base"));
    assert_eq!(read[0].name, "");
    assert_eq!(read[1].from, None);
}

#[test]
fn errors_are_reported_with_their_line() {
    assert_eq!(
        refused("\nmode tcp\n"),
        "a.cfg:2: \"mode\" is outside any section"
    );
    assert_eq!(
        refused("backend\n"),
        "a.cfg:1: the section backend has no name"
    );
    assert_eq!(
        refused("listen {{ name }}\n"),
        "a.cfg:1: \"{{\" is not a valid name of a section"
    );
    assert_eq!(
        refused("listen \\x1b\n"),
        "a.cfg:1: \"\\u{1b}\" is not a valid name of a section"
    );
    assert_eq!(
        refused("global\n log \"x\n"),
        "a.cfg:2: a quote is not closed"
    );
    assert_eq!(
        refused("global\n.if 1\n daemon\n"),
        "a.cfg:2: this .if has no matching .endif"
    );
    assert_eq!(
        refused("global\n.else\n"),
        "a.cfg:2: this line has no matching .if"
    );
}
