//! XML as elements with their attributes, as Pacemaker's tools print it; what stands between them is left
//! out. Knows no element's meaning.

use std::collections::BTreeMap;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use thiserror::Error;

/// Pacemaker's own are a dozen deep. Each level costs stack where elements are dropped.
const MOST_LEVELS: usize = 100;

/// An element.
#[derive(Debug, Default)]
pub struct Element {
    /// What it is called.
    pub name: String,
    attributes: BTreeMap<String, String>,
    children: Vec<Element>,
}

/// A text is not what Pacemaker prints.
#[derive(Debug, Error)]
pub enum XmlError {
    /// It is no XML.
    #[error("it is no XML")]
    Form(#[from] quick_xml::Error),
    /// An attribute is none.
    #[error("it is no XML")]
    Attribute(#[from] quick_xml::events::attributes::AttrError),
    /// Elements are in one another more deeply than Pacemaker has them.
    #[error("its elements are nested more than {MOST_LEVELS} deep")]
    Deep,
    /// An element has an end and no beginning.
    #[error("it ends too early, or is something else")]
    End,
}

impl Element {
    /// The one element that everything else is in.
    pub fn read(text: &str) -> Result<Self, XmlError> {
        let mut reader = Reader::from_str(text);
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event()? {
                Event::Start(_) if open.len() > MOST_LEVELS => return Err(XmlError::Deep),
                Event::Start(start) => open.push(Self::begin(&start)?),
                Event::Empty(start) => {
                    let element = Self::begin(&start)?;
                    open.last_mut().ok_or(XmlError::End)?.children.push(element);
                }
                Event::End(_) => {
                    let element = open.pop().ok_or(XmlError::End)?;
                    open.last_mut().ok_or(XmlError::End)?.children.push(element);
                }
                Event::Eof => break,
                Event::Text(_)
                | Event::CData(_)
                | Event::Comment(_)
                | Event::Decl(_)
                | Event::PI(_)
                | Event::DocType(_)
                | Event::GeneralRef(_) => {}
            }
        }
        match open.as_mut_slice() {
            [outside] if outside.children.len() == 1 => outside.children.pop().ok_or(XmlError::End),
            _ => Err(XmlError::End),
        }
    }

    fn begin(start: &BytesStart<'_>) -> Result<Self, XmlError> {
        let mut attributes = BTreeMap::new();
        for attribute in start.attributes() {
            let attribute = attribute?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0)?;
            attributes.insert(attribute.key.into_inner().to_owned(), value.into_owned());
        }
        Ok(Self {
            name: start.name().into_inner().to_owned(),
            attributes,
            children: Vec::new(),
        })
    }

    /// The value of an attribute.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    /// The elements of this name right in this one.
    pub fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// Every element in this one, whatever its depth.
    #[must_use]
    pub fn within(&self) -> Vec<&Self> {
        let mut found: Vec<&Self> = Vec::new();
        let mut next: Vec<&Self> = self.children.iter().rev().collect();
        while let Some(element) = next.pop() {
            found.push(element);
            next.extend(element.children.iter().rev());
        }
        found
    }

    /// The elements right in this one.
    #[must_use]
    pub fn children(&self) -> &[Self] {
        &self.children
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nested_without_end_is_refused() {
        let nested = |levels| "<a>".repeat(levels) + &"</a>".repeat(levels);
        assert!(Element::read(&nested(MOST_LEVELS)).is_ok());
        for levels in [MOST_LEVELS + 1, 200_000] {
            assert!(matches!(
                Element::read(&nested(levels)),
                Err(XmlError::Deep)
            ));
        }
    }
}
