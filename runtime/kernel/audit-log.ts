import { closeSync, readlinkSync } from 'node:fs';
import { KernelRefusal, type SystemCalls } from './system-calls.ts';

/** A record of the kernel's audit as it was written, such as `audit(1795468356.767:7509): domain=1 blockers=fs.read_file`. */
export interface AuditRecord {
  /** AUDIT_* of linux/audit.h. */
  readonly type: number;
  readonly text: string;
}

/** Why audit records are not to be had. */
export interface NoAudit {
  readonly problem: string;
  readonly help: string;
}

/** The audit records of this machine from now on, beside auditd and not instead of it. */
export interface AuditLog {
  /** Readable when there are records. */
  readonly descriptor: number;
  /** Those that have arrived, at most so many, and whether some before or among them were lost for want of room. */
  read(most: number): { readonly records: readonly AuditRecord[]; readonly lost: boolean };
  close(): void;
}

const netlink = { family: 16, raw: 3, closeOnExec: 0o2000000, dontWait: 0o4000, audit: 9 } as const;
const headBytes = 16;
/** AUDIT_GET, and NLMSG_ERROR as an answer to it. */
const getStatus = 1000;
const errorMessage = 2;
/** AUDIT_NLGRP_READLOG, as a bit. */
const readLog = 1;
const socketOption = { level: 1, receiveBufferForce: 33 } as const;
/** Some thousand records; what is not read by then is lost. */
const bufferBytes = 4 << 20;
/** MAX_AUDIT_MESSAGE_LENGTH of linux/audit.h with room for a head. */
const longestRecord = 9216;
const patience = 2;

/**
 * What keeps audit records from this process; undefined where nothing does. Whether the machine audits is its owner's
 * decision: it is read and never changed.
 */
export function auditLack(calls: SystemCalls): NoAudit | undefined {
  try {
    if (!isEnabled(calls)) {
      return {
        problem: 'auditing is off on this machine',
        help: 'switch it on with `auditctl -e 1`, or for good with `audit=1` on the kernel’s command line',
      };
    }
  } catch (error) {
    if (error instanceof KernelRefusal) return refusedBy(error);
    throw error;
  }
  // The kernel sends records to the network namespace that it began with, and names processes as its first PID namespace
  // does. Where the namespace of process 1 is not to be seen, it is taken for this one.
  const first = linkOf('1', 'net');
  const own = linkOf('self', 'net');
  if (linkOf('self', 'pid') === 'pid:[4026531836]' && (first === undefined || first === own)) return undefined;
  return {
    problem: 'audit records are not sent to namespaces of PIDs or of the network other than those of the machine',
    help: 'start polc outside of containers',
  };
}

/** Opens the log of a machine that audits. */
export function openAuditLog(calls: SystemCalls): AuditLog | NoAudit {
  let descriptor: number | undefined;
  try {
    descriptor = auditSocket(calls);
    const address = new DataView(new ArrayBuffer(12));
    address.setUint16(0, netlink.family, true);
    address.setUint32(8, readLog, true);
    calls.call('bind', descriptor, address, address.byteLength);
    makeRoom(calls, descriptor);
    return new OpenLog(calls, descriptor);
  } catch (error) {
    if (descriptor !== undefined) closeSync(descriptor);
    if (error instanceof KernelRefusal) return refusedBy(error);
    throw error;
  }
}

class OpenLog implements AuditLog {
  readonly descriptor: number;
  readonly #calls: SystemCalls;
  readonly #buffer = Buffer.alloc(longestRecord);
  readonly #sender = new DataView(new ArrayBuffer(12));
  readonly #senderBytes = new Int32Array(1);

  constructor(calls: SystemCalls, descriptor: number) {
    this.#calls = calls;
    this.descriptor = descriptor;
  }

  read(most: number): { readonly records: readonly AuditRecord[]; readonly lost: boolean } {
    const records: AuditRecord[] = [];
    let lost = false;
    for (let count = 0; count < most; count += 1) {
      let bytes: number;
      try {
        this.#senderBytes[0] = 12;
        const place = [this.#buffer, longestRecord, 0, this.#sender, this.#senderBytes] as const;
        bytes = this.#calls.call('recvfrom', this.descriptor, ...place);
      } catch (error) {
        if (!(error instanceof KernelRefusal)) throw error;
        if (error.code === 'ENOBUFS') lost = true;
        else if (error.code === 'EAGAIN') break;
        else if (error.code !== 'EINTR') throw error;
        continue;
      }
      // Whoever else may send here is not believed: the kernel's port is 0.
      if (bytes < headBytes || this.#sender.getUint32(4, true) !== 0) continue;
      const text = this.#buffer.toString('latin1', headBytes, bytes).replace(/[\0\n]+$/, '');
      records.push({ type: this.#buffer.readUInt16LE(4), text });
    }
    return { records, lost };
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

function linkOf(process: string, namespace: string): string | undefined {
  try {
    return readlinkSync(`/proc/${process}/ns/${namespace}`);
  } catch {
    return undefined;
  }
}

function auditSocket(calls: SystemCalls): number {
  return calls.call('socket', netlink.family, netlink.raw | netlink.closeOnExec | netlink.dontWait, netlink.audit);
}

/** What is ordinary room is kept where it is not allowed: CAP_NET_ADMIN. */
function makeRoom(calls: SystemCalls, descriptor: number): void {
  const room = new Int32Array([bufferBytes]);
  try {
    calls.call('setsockopt', descriptor, socketOption.level, socketOption.receiveBufferForce, room, room.byteLength);
  } catch (error) {
    if (!(error instanceof KernelRefusal && error.code === 'EPERM')) throw error;
  }
}

/** AUDIT_GET: struct audit_status, whose second word is 0 where nothing is audited. */
function isEnabled(calls: SystemCalls): boolean {
  const descriptor = auditSocket(calls);
  try {
    const head = new DataView(new ArrayBuffer(headBytes));
    head.setUint32(0, headBytes, true);
    head.setUint16(4, getStatus, true);
    head.setUint16(6, 1, true); // NLM_F_REQUEST
    calls.call('sendto', descriptor, head, headBytes, 0, 0, 0);
    const polled = new DataView(new ArrayBuffer(8));
    polled.setInt32(0, descriptor, true);
    polled.setInt16(4, 1, true); // POLLIN
    // A thread of the kernel answers.
    if (calls.call('ppoll', polled, 1, new BigInt64Array([BigInt(patience), 0n]), 0, 0) === 0) return false;
    const answer = Buffer.alloc(longestRecord);
    const bytes = calls.call('recvfrom', descriptor, answer, longestRecord, 0, 0, 0);
    const type = answer.readUInt16LE(4);
    if (type === errorMessage) throw new KernelRefusal('audit', -answer.readInt32LE(headBytes));
    return type === getStatus && bytes >= headBytes + 8 && answer.readUInt32LE(headBytes + 4) !== 0;
  } finally {
    closeSync(descriptor);
  }
}

function refusedBy({ code, message }: KernelRefusal): NoAudit {
  if (code === 'EPROTONOSUPPORT') return { problem: 'this kernel audits nothing', help: 'it needs CONFIG_AUDIT' };
  const help = 'start polc with CAP_AUDIT_CONTROL and CAP_AUDIT_READ, as root has them outside of containers';
  return { problem: `audit records cannot be read: ${message}`, help };
}
