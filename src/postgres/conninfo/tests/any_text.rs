//! For any text: no panic, and no password in the error.

use proptest::prelude::*;

use super::super::*;
use super::{resolve, resolve_in};

#[test]
fn debug_and_display_keep_the_password() {
    let target = resolve("postgres://u:hunter2@h/d");
    assert!(!format!("{target:?} {target}").contains("hunter2"));
    assert_eq!(target.password, Some(Secret::new("hunter2")));
}

proptest! {
    #[test]
    fn any_text_is_a_target_or_an_error(
        text in "(postgres(ql)?://)?(\\PC|[a-z=' \\\\@:/?&%\\[\\],.0-9\0])*",
        variable in "\\PC*",
    ) {
        let environment =
            Environment {
                variable: &|_| Some(variable.clone()),
                service_file: &|_| ServiceFile::Text(text.clone().into_bytes()),
                user: None,
                home: None,
            };
        if let Err(error) = Target::resolve(&text, &environment) {
            prop_assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn no_error_contains_a_password_however_it_is_mangled(
        before in "(postgres://u:|postgres://|password=|user=u password='|postgres:///?password=)",
        glue in "[ @/:?&=%'\\\\#,\\[\\]a-z1]{0,3}",
        after in "(@h|@h/d|'| host=h| sslmode=x|&sslmode=x|@h:port|:x|)",
    ) {
        let text = format!("{before}{glue}Zebra7{glue}Zebra7{after}");
        if let Err(error) = resolve_in(&text, &[]) {
            prop_assert!(!error.to_string().contains("Zebra"), "{}: {}", text, error);
            prop_assert!(!format!("{error:?}").contains("Zebra"), "{}: {:?}", text, error);
        }
    }
}
