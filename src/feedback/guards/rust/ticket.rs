//! Takes the ticket of a program of tests before any code of the workspace runs: among the first that the loader calls, before constructors and `main`.

use std::ffi::{c_char, c_int, CStr};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

/// What the guard needs to write records.
pub struct Ticket {
    pub records: File,
    pub worker: String,
    pub key: Vec<u8>,
    /// This program, in the folder of the package that it tests.
    pub program: String,
}

const POOL: &[u8] = b"TEAMWRIGHT_GUARD=";

const OF_THE_BUILD: [&[u8]; 2] = [b"TEAMWRIGHT_RUST_", b"RUSTC_WORKSPACE_WRAPPER="];

/// Bytes of one ticket in the pool; `channel.ts` says how it is made up.
const SLOT: u64 = 1024;

static HELD: Mutex<Option<Ticket>> = Mutex::new(None);

/// Gives the ticket, once; nothing where this process has none.
pub fn take() -> Option<Ticket> {
    HELD.lock().ok()?.take()
}

type Start = extern "C" fn(c_int, *const *const c_char, *mut *mut c_char);

#[used]
#[cfg_attr(all(target_os = "linux", target_env = "gnu"), link_section = ".preinit_array")]
#[cfg_attr(all(not(target_vendor = "apple"), not(all(target_os = "linux", target_env = "gnu"))), link_section = ".init_array")]
#[cfg_attr(target_vendor = "apple", link_section = "__DATA,__mod_init_func")]
static START: Start = start;

extern "C" fn start(_count: c_int, _words: *const *const c_char, given: *mut *mut c_char) {
    let environment = if cfg!(any(all(target_os = "linux", target_env = "gnu"), target_vendor = "apple")) { given } else { own_environment() };
    // SAFETY: the environment of a process is a list that ends with a null pointer, of texts that end with a zero; no other thread runs yet.
    let Some(pool) = (unsafe { consumed(environment) }) else {
        // Started by a test, not by cargo.
        return;
    };
    let Some(ticket) = claim(&pool) else {
        // Without a ticket nothing that these tests do would count.
        eprintln!("teamwright: no ticket is left for these tests");
        std::process::exit(3);
    };
    if let Ok(mut held) = HELD.lock() {
        *held = Some(ticket);
    }
}

fn own_environment() -> *mut *mut c_char {
    extern "C" {
        static environ: *mut *mut c_char;
    }
    // SAFETY: no other thread runs yet.
    unsafe { environ }
}

/// Takes out of the environment what is there for the build and for the guard, and wipes the path of the pool, which the kernel shows to whoever asks for
/// the environment of this process.
unsafe fn consumed(environment: *mut *mut c_char) -> Option<PathBuf> {
    let mut pool = None;
    let (mut from, mut to) = (environment, environment);
    while !(*from).is_null() {
        let text = CStr::from_ptr(*from).to_bytes();
        if let Some(value) = text.strip_prefix(POOL) {
            pool = Some(PathBuf::from(String::from_utf8_lossy(value).into_owned()));
            std::ptr::write_bytes(*from, 0, text.len());
        } else if !OF_THE_BUILD.iter().any(|name| text.starts_with(name)) {
            *to = *from;
            to = to.add(1);
        }
        from = from.add(1);
    }
    *to = std::ptr::null_mut();
    pool
}

/// Claims the next ticket of the pool and wipes it there. The file of claims grows by a byte with each: where the own byte came to lie is the number.
fn claim(pool: &PathBuf) -> Option<Ticket> {
    let mut file = opened(pool)?;
    let mut path = pool.clone().into_os_string();
    path.push(".claims");
    let mut claims = OpenOptions::new().append(true).create(true).open(path).ok()?;
    claims.write_all(b".").ok()?;
    let number = claims.stream_position().ok()?.checked_sub(1)?;
    let mut data = [0; SLOT as usize];
    file.seek(SeekFrom::Start(number * SLOT)).ok()?;
    file.read_exact(&mut data).ok()?;
    file.seek(SeekFrom::Start(number * SLOT)).ok()?;
    file.write_all(&[0; SLOT as usize]).ok()?;
    // The path of the records, the name of the worker, its key, and its first record, already signed.
    let text = std::str::from_utf8(&data).ok()?;
    let mut lines = text.split('\n');
    let (path, worker, key, first) = (lines.next()?, lines.next()?, lines.next()?, lines.next()?);
    let mut records = OpenOptions::new().append(true).create(true).open(path).ok()?;
    records.write_all(format!("{first}\n").as_bytes()).ok()?;
    let key = key.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    let program = std::env::current_exe().ok()?;
    let folder = std::env::current_dir().ok()?;
    Some(Ticket {
        records,
        worker: worker.to_owned(),
        key: key.collect::<Option<_>>()?,
        program: folder.join(program.file_name()?).to_string_lossy().into_owned(),
    })
}

/// The pool is there as soon as all is built, so that what runs during the build cannot read it; that may be a moment after cargo started this.
fn opened(pool: &PathBuf) -> Option<File> {
    for _ in 0..5000 {
        if let Ok(file) = OpenOptions::new().read(true).write(true).open(pool) {
            return Some(file);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    None
}
