//! The argument of `json_schema!`: JSON with commas at the end, and blocks in parentheses that refer to
//! another definition.
//!
//! Not here: what the schema means ([`crate::table`] knows). Start with [`parse`].

/// A value of a schema.
#[derive(Clone, PartialEq, Debug)]
pub enum Json {
    /// `{…}`, in the order of the source.
    Object(Vec<(String, Json)>),
    /// `[…]`.
    Array(Vec<Json>),
    /// A string.
    Text(String),
    /// `true`, `false`, a number or `null`, as written.
    Word(String),
    /// Another definition, by the path of its Rust type, with a description of its own.
    Reference(String, Option<String>),
}

impl Json {
    /// The value of a key of an object.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The text, if it is a string.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Reads the value that `text` begins with; what follows it is not looked at.
pub fn parse(text: &str) -> Result<Json, String> {
    let mut reader = Reader { text, at: 0 };
    reader.value()
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&mut self) -> Option<char> {
        let rest = self.text.get(self.at..)?;
        let trimmed = rest.trim_start();
        self.at += rest.len() - trimmed.len();
        trimmed.chars().next()
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn wrong<T>(&self, what: &str) -> Result<T, String> {
        let near: String = self.text.get(self.at..).unwrap_or("").chars().take(40).collect();
        Err(format!("a schema: {what} at {near:?}"))
    }

    fn value(&mut self) -> Result<Json, String> {
        match self.peek() {
            Some('{') => self.object(),
            Some('[') => self.array(),
            Some('"') => self.string().map(Json::Text),
            Some('(') => self.block(),
            Some('_') => self.reference(),
            Some(c) if c.is_ascii_alphanumeric() || c == '-' => {
                let rest = self.text.get(self.at..).unwrap_or("");
                let word: String =
                    rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-.".contains(*c)).collect();
                self.at += word.len();
                Ok(Json::Word(word))
            }
            _ => self.wrong("no value"),
        }
    }

    fn object(&mut self) -> Result<Json, String> {
        let mut entries = Vec::new();
        self.eat('{');
        while !self.eat('}') {
            let key = self.string()?;
            if !self.eat(':') {
                return self.wrong("no colon");
            }
            entries.push((key, self.value()?));
            self.eat(',');
        }
        Ok(Json::Object(entries))
    }

    fn array(&mut self) -> Result<Json, String> {
        let mut items = Vec::new();
        self.eat('[');
        while !self.eat(']') {
            items.push(self.value()?);
            self.eat(',');
        }
        Ok(Json::Array(items))
    }

    fn string(&mut self) -> Result<String, String> {
        if !self.eat('"') {
            return self.wrong("no string");
        }
        let mut out = String::new();
        let mut chars = self.text.get(self.at..).unwrap_or("").char_indices();
        while let Some((offset, c)) = chars.next() {
            match c {
                '"' => {
                    self.at += offset + 1;
                    return Ok(out);
                }
                '\\' => match chars.next() {
                    Some((_, 'n')) => out.push('\n'),
                    Some((_, 't')) => out.push('\t'),
                    Some((_, c @ ('"' | '\\' | '\''))) => out.push(c),
                    _ => return self.wrong("an escape that was never seen before"),
                },
                c => out.push(c),
            }
        }
        self.wrong("a string without an end")
    }

    /// `({ let mut schema_obj = __gen.subschema_for::<PATH>(); … "description".into(), "TEXT".into() … })`
    /// or `(__gen.subschema_for::<PATH>())`.
    fn block(&mut self) -> Result<Json, String> {
        let start = self.at;
        self.skip_group()?;
        let group = self.text.get(start..self.at).unwrap_or("");
        let Some(at) = group.find("__gen.subschema_for") else {
            return self.wrong("a block that refers to nothing");
        };
        let reference = Reader { text: group, at }.reference()?;
        match (reference, group.split_once("\"description\".into(), ")) {
            (Json::Reference(path, _), Some((_, text))) => {
                Ok(Json::Reference(path, Some(Reader { text, at: 0 }.string()?)))
            }
            (reference, _) => Ok(reference),
        }
    }

    /// `__gen.subschema_for::<PATH>()`.
    fn reference(&mut self) -> Result<Json, String> {
        let rest = self.text.get(self.at..).unwrap_or("");
        let call = rest.strip_prefix("__gen.subschema_for::<").and_then(|rest| rest.split_once(">()"));
        let Some((path, after)) = call else { return self.wrong("no reference") };
        self.at = self.text.len() - after.len();
        Ok(Json::Reference(path.to_owned(), None))
    }

    /// From an opening parenthesis to behind the one that closes it, strings skipped over.
    fn skip_group(&mut self) -> Result<(), String> {
        let mut depth = 0_usize;
        while let Some(c) = self.peek() {
            match c {
                '"' => {
                    self.string()?;
                    continue;
                }
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            self.at += c.len_utf8();
            if depth == 0 {
                return Ok(());
            }
        }
        self.wrong("a block without an end")
    }
}
