//! Replaces the parts of a page between `<!-- begin generated: NAME -->` and `<!-- end generated: NAME -->`; knows no
//! names.

/// The page with the current text of each generated part; the error names the wrong marker.
pub(super) fn filled(
    page: &str,
    mut generate: impl FnMut(&str) -> Option<String>,
) -> Result<String, String> {
    let mut whole = String::new();
    let mut rest = page;
    while let Some((before, begun)) = rest.split_once("<!-- begin generated: ") {
        let (name, begun) = begun.split_once(" -->\n").ok_or("a marker does not end")?;
        let end = format!("<!-- end generated: {name} -->\n");
        let (_, after) = begun
            .split_once(&end)
            .ok_or(format!("the part {name} does not end"))?;
        let part = generate(name).ok_or(format!("there is no part named {name}"))?;
        let part = part.trim();
        whole.extend([before, "<!-- begin generated: ", name, " -->\n\n"]);
        whole.extend([part, "\n\n", &end]);
        rest = after;
    }
    whole.push_str(rest);
    Ok(whole)
}

#[test]
fn a_part_is_replaced_and_the_rest_of_the_page_stays() {
    let page = "a\n<!-- begin generated: x -->\nold\n<!-- end generated: x -->\nb\n";
    let filled_once = filled(page, |name| Some(format!("the {name}\n"))).unwrap();
    let expected = "a\n<!-- begin generated: x -->\n\nthe x\n\n<!-- end generated: x -->\nb\n";
    assert_eq!(filled_once, expected);
    let again = filled(expected, |name| Some(format!("the {name}\n")));
    assert_eq!(again.as_deref(), Ok(expected));
}

#[test]
fn a_wrong_marker_is_an_error() {
    let part = |_: &str| Some(String::new());
    assert!(filled("<!-- begin generated: x -->\n", part).is_err());
    let other = "<!-- begin generated: x -->\n<!-- end generated: y -->\n";
    assert!(filled(other, part).is_err());
    let known = "<!-- begin generated: x -->\n<!-- end generated: x -->\n";
    assert!(filled(known, |_| None).is_err());
}
