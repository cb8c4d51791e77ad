'use strict';
/**
 * What the guards of all JavaScript runners share: the key, signed records, and the way down to worker processes. `channel.ts` has the format
 * and why. A guard runs in the process of the code it watches. So everything it needs later is taken here, before that code is loaded, and is
 * called in ways that do not look anything up in objects that code can change: no method calls, no iteration, no objects with a prototype.
 * Runs on Node 18.15 and later, also in worker threads.
 */
const crypto = require('node:crypto');
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');
const path = require('node:path');

const { apply, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
/** A method as a plain function whose first argument is `this`. */
const plain = (method) => Function.prototype.call.bind(method);
const slice = plain(String.prototype.slice);
const { stringify, parse } = JSON;
const { readSync, writeSync } = fs;

// ---- signing --------------------------------------------------------------------------------------------------------------------

const Bytes = Uint8Array;
const encode = TextEncoder.prototype.encode.bind(new TextEncoder());
const setBytes = plain(Bytes.prototype.set);
const lengthOf = plain(getOwnPropertyDescriptor(getPrototypeOf(Bytes.prototype), 'length').get);
const { hash, createHash } = crypto;
/** SHA-256 in one call, which leaves no object whose prototype code could get hold of, as HMAC's does. Node before 20.12 has none. */
const sha256 =
  hash === undefined
    ? (data, form) => createHash('sha256').update(data).digest(form)
    : (data, form) => hash('sha256', data, form ?? 'buffer');

/** HMAC-SHA256 under a key of 32 bytes: of a text, as bytes or in the form `hex`. */
function signer(key) {
  const inner = new Bytes(64);
  const outer = new Bytes(64);
  for (let i = 0; i < 64; i += 1) {
    inner[i] = 0x36 ^ (i < 32 ? key[i] : 0);
    outer[i] = 0x5c ^ (i < 32 ? key[i] : 0);
  }
  return (text, form) => sha256(joined(outer, sha256(joined(inner, encode(text)))), form);
}

function joined(block, data) {
  const all = new Bytes(64 + lengthOf(data));
  setBytes(all, block, 0);
  setBytes(all, data, 64);
  return all;
}

// ---- the record -----------------------------------------------------------------------------------------------------------------

const ticketName = 'TEAMWRIGHT_GUARD';
/** Longest message of a record, characters. */
const messageLimit = 16_000;

/**
 * Takes this process' ticket, so that nobody after us can: a file for the runner's main process, a pipe or a value for a worker. Undefined where
 * there is none: a process that is none of the runner's, or code that loads this file a second time.
 */
function takeTicket() {
  const named = process.env[ticketName];
  if (named === undefined) return undefined;
  delete process.env[ticketName];
  try {
    if (/^\d+$/.test(named)) return parse(readPipe(Number(named)));
    if (named.startsWith('{')) return parse(named);
    const text = fs.readFileSync(named, 'utf8');
    fs.unlinkSync(named);
    return { worker: 'm', ...parse(text) };
  } catch {
    // Taken already, or none of ours: this process is not watched, and what it says does not count.
    return undefined;
  }
}

function readPipe(descriptor) {
  const buffer = Buffer.alloc(4096);
  let text = '';
  for (;;) {
    let length = 0;
    try {
      length = readSync(descriptor, buffer, 0, buffer.length, null);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
      continue;
    }
    if (length === 0) break;
    text += buffer.toString('utf8', 0, length);
    if (text.endsWith('\n')) break;
  }
  fs.closeSync(descriptor);
  return text;
}

function folderOf(program) {
  try {
    return path.dirname(fs.realpathSync(program ?? '.'));
  } catch {
    // The runner has to say what is wrong with that.
    return '';
  }
}

/** The guard of this process, or undefined where it has no ticket. */
function openGuard() {
  const ticket = takeTicket();
  if (ticket === undefined) return undefined;
  const { worker, records } = ticket;
  /** Folder of the runner's package, where the main process' program lies. */
  const home = ticket.home ?? folderOf(process.argv[1]);
  // Only the main process knows the key of the run; a worker is handed its own.
  const run = ticket.key === undefined ? undefined : signer(Buffer.from(ticket.key, 'hex'));
  let own = ticket.own === undefined ? run(worker) : Buffer.from(ticket.own, 'hex');
  let sign = signer(own);
  const descriptor = fs.openSync(records, 'a', 0o600);
  let seq = ticket.seq ?? 0;
  let workers = 0;

  /** Writes one record: an object without a prototype that holds nothing but texts, numbers and truth values. */
  const write = (record) => {
    if (typeof record.message === 'string' && record.message.length > messageLimit) {
      const half = messageLimit / 2;
      record.message = `${slice(record.message, 0, half)}\n[…]\n${slice(record.message, record.message.length - half)}`;
    }
    const json = stringify(record);
    const head = `${worker} ${seq} `;
    seq += 1;
    try {
      writeSync(descriptor, `${head}${sign(head + json, 'hex')} ${json}\n`);
    } catch {
      // The line is missing now, and that is seen: by the gap, or by the end that is not there.
    }
  };

  const told = { __proto__: null };
  /** Writes a sign once. The key turns with it, so that nobody who gets hold of it later can write the lines up to here anew without the sign. */
  const tell = (record) => {
    const key = stringify(record);
    if (told[key]) return;
    told[key] = true;
    write(record);
    own = sign('turn');
    sign = signer(own);
  };

  return {
    __proto__: null,
    isMain: run !== undefined,
    breach: (kind, detail) => tell({ __proto__: null, t: 'breach', kind, detail }),
    /** `file` is who gave cause for it; undefined where nobody knows. */
    doubt: (kind, detail, file) => tell({ __proto__: null, t: 'doubt', kind, detail, file }),
    /** The ticket of another process; only the main process can give one, and it says nothing more once it gave its own away. */
    ticketFor: (role) => {
      if (role === 'main') return stringify({ __proto__: null, worker, records, home, key: ticket.key, own: own.toString('hex'), seq });
      workers += 1;
      const name = `w${workers}`;
      return stringify({ __proto__: null, worker: name, records, home, own: run(name, 'hex') });
    },
    home,
    write,
  };
}

// ---- workers --------------------------------------------------------------------------------------------------------------------

/**
 * Gives the workers of this process a guard of their own: `file`, loaded before all else, and a ticket, which a process gets through a pipe that no
 * other process can open, and a thread in its own environment. `roleOf` looks at the words, and the variables, that something is started with, and
 * says `worker`, `main` where a runner starts itself again with other options, or nothing.
 */
function handDown(guard, file, roleOf) {
  const { ChildProcess } = require('node:child_process');
  const threads = require('node:worker_threads');
  const { spawn } = ChildProcess.prototype;
  ChildProcess.prototype.spawn = function (options) {
    const role = roleOf(options.args, options.envPairs);
    if (role === undefined) return apply(spawn, this, [options]);
    const given = options.stdio ?? 'pipe';
    const stdio = typeof given === 'string' ? [given, given, given] : [...given];
    while (stdio.length < 3) stdio.push('pipe');
    const [program, ...rest] = options.args;
    const result = apply(spawn, this, [
      {
        ...options,
        stdio: [...stdio, 'pipe'],
        args: rest.some((word) => word.endsWith(file)) ? options.args : [program, '--require', file, ...rest],
        envPairs: [...options.envPairs, `${ticketName}=${stdio.length}`],
      },
    ]);
    const pipe = this.stdio?.[stdio.length];
    if (pipe) {
      // A child that is gone already does not read; that is told by what it then does not say.
      pipe.on('error', () => undefined);
      pipe.end(`${guard.ticketFor(role)}\n`, () => pipe.destroy());
    }
    return result;
  };
  const { Worker } = threads;
  threads.Worker = class extends Worker {
    constructor(script, options = {}) {
      if (roleOf([String(script)], []) !== 'worker') super(script, options);
      else {
        const env = typeof options.env === 'object' && options.env !== null ? options.env : process.env;
        const execArgv = ['--require', file, ...(options.execArgv ?? process.execArgv)];
        super(script, { ...options, execArgv, env: { ...env, [ticketName]: guard.ticketFor('worker') } });
      }
    }
  };
  syncBuiltinESMExports();
}

/** Takes our options out of what the process knows of its own command line, so that tests see it as if we were not there. */
function tidyArguments(file, ...names) {
  const { execArgv } = process;
  const kept = [];
  for (let i = 0; i < execArgv.length; i += 1) {
    const [name, value] = execArgv[i].split('=', 2);
    const given = value ?? execArgv[i + 1];
    const ours = name === '--require' ? given === file : names.includes(name);
    if (!ours) kept.push(execArgv[i]);
    else if (value === undefined) i += 1;
  }
  execArgv.splice(0, execArgv.length, ...kept);
}

/** Takes words of ours out of the arguments that code under test finds; the runner has read them. */
function tidyWords(...words) {
  // Mocha starts Node anew for options of Node, and joins an option and its value then.
  for (const ours of [words, [words.join('=')]]) {
    const at = process.argv.findIndex((_, from) => ours.every((word, next) => process.argv[from + next] === word));
    if (at > 1) process.argv.splice(at, ours.length);
  }
}

module.exports = { openGuard, plain, handDown, tidyArguments, tidyWords };
