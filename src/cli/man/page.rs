//! A manual page as roff (man(7)) that grows from top to bottom; knows nothing of what it tells.

use std::io;

use clap::{Arg, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, roman};

/// A page, as far as it is written.
pub(super) struct Page(String);

impl Page {
    /// A page with its title, and what it is about in half a sentence.
    pub(super) fn new(title: &str, section: &str, about: &str) -> Self {
        // What is rendered begins with what apostrophes need, which a page needs once.
        let mut page = Self(Roff::new().render());
        let version = concat!("pgsql-state ", env!("CARGO_PKG_VERSION"));
        // Without a date, which is written as empty text, a page is the same whenever it is made.
        page.control("TH", &[title, section, "\"\"", version, "pgsql-state"]);
        page.section("NAME").text(&format!("{title} - {about}"));
        page
    }

    /// Begins a section.
    pub(super) fn section(&mut self, heading: &str) -> &mut Self {
        self.control("SH", &[heading])
    }

    /// Begins a part of a section.
    pub(super) fn part(&mut self, heading: &str) -> &mut Self {
        // A bare hyphen is no minus, and whoever copies the name of a command needs one.
        self.control("SS", &[&heading.replace('-', "\\-")])
    }

    /// Text of what has begun; what stands between backquotes is bold.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.append(Roff::new().text(inlines(text)))
    }

    /// Another paragraph.
    pub(super) fn paragraph(&mut self, text: &str) -> &mut Self {
        self.control("PP", &[]).text(text)
    }

    /// Something, and what is to be said of it.
    pub(super) fn item(&mut self, tag: &str, text: &str) -> &mut Self {
        self.control("TP", &[]).text(tag).text(text)
    }

    /// Lines as they are, indented.
    pub(super) fn verbatim(&mut self, lines: &str) -> &mut Self {
        self.control("RS", &["4"]).control("nf", &[]);
        for line in lines.lines() {
            self.append(Roff::new().text([roman(line)]));
        }
        self.control("fi", &[]).control("RE", &[])
    }

    /// How a command is called, what it does, and its options but those that every command has.
    pub(super) fn command(&mut self, command: &Command) -> io::Result<&mut Self> {
        let common = |argument: Arg| argument.hide(true);
        let own = command.clone();
        let man = Man::new(own.mut_arg("help", common).mut_arg("version", common));
        let mut rendered = Vec::new();
        man.render_synopsis_section(&mut rendered)?;
        man.render_description_section(&mut rendered)?;
        man.render_options_section(&mut rendered)?;
        let rendered = String::from_utf8_lossy(&rendered)
            .replace(&Roff::new().render(), "")
            // An empty line, where there are possible values: readers complain of how it is asked for.
            .replace(".br\n\n.br\n", ".sp\n");
        for line in rendered.lines().map(str::trim_end) {
            // Its sections are paragraphs here.
            match line {
                ".SH SYNOPSIS" | ".SH OPTIONS" => {}
                ".SH DESCRIPTION" => self.0.push_str(".PP\n"),
                line => {
                    self.0.push_str(line);
                    self.0.push('\n');
                }
            }
        }
        Ok(self)
    }

    /// The whole page.
    pub(super) fn finish(self) -> String {
        self.0
    }

    fn control(&mut self, name: &str, arguments: &[&str]) -> &mut Self {
        self.append(Roff::new().control(name, arguments.iter().copied()))
    }

    fn append(&mut self, part: &Roff) -> &mut Self {
        let rendered = part.render();
        let beginning = Roff::new().render();
        self.0
            .push_str(rendered.strip_prefix(&beginning).unwrap_or(&rendered));
        self
    }
}

/// Text whose every second piece, between backquotes, is bold.
fn inlines(text: &str) -> Vec<Inline> {
    let mut is_code = true;
    let pieces = text.split('`').map(|piece| {
        is_code = !is_code;
        if is_code { bold(piece) } else { roman(piece) }
    });
    pieces.collect()
}
