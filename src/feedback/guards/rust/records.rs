//! Writes what the guard sees, signed, as `channel.ts` wants it.

use crate::sha256::keyed;
use crate::ticket::{take, Ticket};
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::{Mutex, OnceLock};

pub struct Guard {
    program: String,
    /// A child that a test forks has all of this, too.
    process: u32,
    signing: Mutex<Signing>,
}

struct Signing {
    ticket: Ticket,
    seq: u32,
}

static GUARD: OnceLock<Guard> = OnceLock::new();

/// Longest message kept, bytes.
const MESSAGE: usize = 4000;

impl Guard {
    /// The guard of a run that begins; nothing where this process has no ticket.
    pub fn begin() -> Option<&'static Guard> {
        if let Some(guard) = GUARD.get() {
            guard.breach("patched", "The tests of one program were started twice");
            return None;
        }
        let ticket = take()?;
        let program = ticket.program.clone();
        // The ticket ended with record 0.
        let signing = Mutex::new(Signing { ticket, seq: 1 });
        Some(GUARD.get_or_init(|| Guard { program, process: std::process::id(), signing }))
    }

    pub fn start(&self, name: &str) {
        self.write("start", &[("name", name)]);
    }

    pub fn case(&self, name: &str, outcome: &str, message: &str) {
        let end = (0..=MESSAGE.min(message.len())).rev().find(|&at| message.is_char_boundary(at)).unwrap_or(0);
        self.write("case", &[("name", name), ("outcome", outcome), ("message", &message[..end])]);
    }

    pub fn breach(&self, kind: &str, detail: &str) {
        self.write("breach", &[("kind", kind), ("detail", detail)]);
    }

    pub fn over(&self) {
        self.write("over", &[("name", "")]);
    }

    /// One that fails is missed by its number.
    fn write(&self, kind: &str, fields: &[(&str, &str)]) {
        if std::process::id() != self.process {
            return;
        }
        let mut json = format!("{{\"t\":\"{kind}\"");
        for (field, value) in [("file", self.program.as_str())].iter().chain(fields) {
            let _ = write!(json, ",\"{field}\":");
            push_text(&mut json, value);
        }
        json.push('}');
        let Ok(mut signing) = self.signing.lock() else { return };
        let head = format!("{} {} ", signing.ticket.worker, signing.seq);
        signing.seq += 1;
        let mac = keyed(&signing.ticket.key, format!("{head}{json}").as_bytes());
        let mut line = head;
        for byte in mac {
            let _ = write!(line, "{byte:02x}");
        }
        let _ = writeln!(line, " {json}");
        let _ = signing.ticket.records.write_all(line.as_bytes());
        if kind == "breach" {
            signing.ticket.key = keyed(&signing.ticket.key, b"turn").to_vec();
        }
    }
}

fn push_text(json: &mut String, text: &str) {
    json.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => json.extend(['\\', letter]),
            letter if letter < ' ' => {
                let _ = write!(json, "\\u{:04x}", letter as u32);
            }
            letter => json.push(letter),
        }
    }
    json.push('"');
}
