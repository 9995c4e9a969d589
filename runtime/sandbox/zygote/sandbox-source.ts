/**
 * Python: how a forked interpreter puts itself into the sandbox, in the order of the launcher's plan (plan.ts says why).
 * `plan` is what plan.ts beside this file writes. Only modules that are part of every interpreter are imported, but for
 * ctypes, through which the system calls go.
 */
export const sandboxSource = String.raw`
# As calls: in the built product no line of a text may look like a statement of a module.
sys = __import__("sys")
modules_at_start = set(sys.modules)
ctypes, posix, gc, select, _signal, _socket = map(
    __import__, ("ctypes", "posix", "gc", "select", "_signal", "_socket")
)

c_library = ctypes.CDLL(None, use_errno=True)
libc_syscall = c_library.syscall
libc_syscall.restype = ctypes.c_long
# Plain starts import these when they ask for them.
for name in set(sys.modules) - modules_at_start:
    del sys.modules[name]


def call(name, *words):
    """A system call; an integer is a word, bytes and ctypes objects pass their address."""
    given = [ctypes.c_ulong(word) if isinstance(word, int) else word for word in words]
    result = libc_syscall(ctypes.c_long(plan["numbers"][name]), *given)
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, posix.strerror(error), name)
    return result


def word(value, size=8):
    return (value & ((1 << (8 * size)) - 1)).to_bytes(size, "little")


def write_file(path, content):
    descriptor = posix.open(path, posix.O_WRONLY | posix.O_CLOEXEC)
    try:
        posix.write(descriptor, content)
    finally:
        posix.close(descriptor)


def unshare():
    """New namespaces. Without CAP_SYS_ADMIN inside a user namespace that maps only the caller: then True."""
    flags, user, group = plan["namespaces"], posix.geteuid(), posix.getegid()
    try:
        call("unshare", flags)
        return False
    except PermissionError:
        call("unshare", flags | 0x10000000)  # CLONE_NEWUSER
    write_file("/proc/self/setgroups", b"deny")
    write_file("/proc/self/uid_map", b"%d %d 1" % (user, user))
    write_file("/proc/self/gid_map", b"%d %d 1" % (group, group))
    return True


def raise_loopback():
    descriptor = call("socket", 2, 0x80002, 0)  # AF_INET, SOCK_DGRAM | SOCK_CLOEXEC
    # struct ifreq: SIOCSIFFLAGS with IFF_UP and IFF_RUNNING (netdevice(7))
    call("ioctl", descriptor, 0x8914, b"lo".ljust(16, b"\0") + word(0x41, 2) + bytes(22))
    posix.close(descriptor)


def mount_processes(in_user_namespace):
    """
    A /proc of the PID namespace's own: since Linux 6.15 who has CAP_PERFMON may read environ and maps of whatever it sees
    (mm_access), whichever domain that is in. Who has it may mount.
    """
    try:
        call("mount", b"proc", b"/proc", b"proc", 0xE, 0)  # MS_NOSUID | MS_NODEV | MS_NOEXEC
    except PermissionError:
        if not in_user_namespace:  # in a container whose /proc is partly hidden
            raise


def mount_layers():
    for path, size in plan["layers"]:
        options = b"size=%d,mode=1777" % size
        call("mount", b"tmpfs", path.encode(), b"tmpfs", 6, options)  # MS_NOSUID | MS_NODEV


def enter_landlock():
    """A domain of this process's own: a program that is in another one may neither trace it nor read its memory."""
    rules = plan["landlock"]
    attribute = bytes.fromhex(rules["attribute"])
    ruleset = call("landlock_create_ruleset", attribute, len(attribute), 0)
    file_rights = 0xC007  # execute, write_file, read_file, truncate, ioctl_dev
    for path, access, optional in rules["paths"]:
        try:
            descriptor = posix.open(path, 0x280000)  # O_PATH | O_CLOEXEC
        except FileNotFoundError:
            if optional:
                continue
            raise
        try:
            # Packed: 8 bytes of access, 4 of descriptor. EINVAL: a file, for which rights of folders mean nothing.
            beneath = lambda rights: word(rights) + word(descriptor, 4)
            try:
                call("landlock_add_rule", ruleset, 1, beneath(access), 0)
            except OSError as error:
                if error.errno != 22 or access & file_rights == access:
                    raise
                if access & file_rights:
                    call("landlock_add_rule", ruleset, 1, beneath(access & file_rights), 0)
        finally:
            posix.close(descriptor)
    for port, access in rules["ports"]:
        call("landlock_add_rule", ruleset, 2, word(access) + word(port), 0)
    call("landlock_restrict_self", ruleset, 0)
    posix.close(ruleset)


def keep_capabilities(keep):
    """Of what is held exactly these, in every set; an exec, which would take them from a user, does not come."""
    capability = 0
    while capability < 64:
        if not keep >> capability & 1:
            try:
                call("prctl", 24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
            except PermissionError:
                pass  # without CAP_SETPCAP, and under no_new_privs it gives nothing
            except OSError as error:
                if error.errno != 22:
                    raise
                break  # past the kernel's last capability
        capability += 1
    header = word(0x20080522, 4) + word(0, 4)
    held = ctypes.create_string_buffer(24)
    call("capget", header, held)
    data = b""
    for half in (0, 1):
        permitted = int.from_bytes(held.raw[half * 12 + 4 : half * 12 + 8], "little")
        data += word(permitted & keep >> (32 * half), 4) * 3
    call("capset", header, data)
    for capability in range(64):
        if keep >> capability & 1:
            try:
                call("prctl", 47, 2, capability, 0, 0)  # PR_CAP_AMBIENT_RAISE
            except (PermissionError, OSError):
                pass  # not held, or not known here


def drop_privileges(in_user_namespace):
    keep = plan["capabilities"]
    if keep != "":
        keep_capabilities(int(keep))
    elif in_user_namespace and (plan["asksForNamespaces"] == 0 or posix.geteuid() != 0):
        # What a new user namespace gives an exec takes from a user again; here there is no exec.
        keep_capabilities(0)


def lower_limits():
    for resource, ceiling in plan["limits"]:
        old = ctypes.create_string_buffer(16)
        call("prlimit64", 0, resource, 0, old)
        wanted = min(int(ceiling), int.from_bytes(old.raw[8:], "little"))
        call("prlimit64", 0, resource, word(wanted) * 2, 0)


filter_instructions = bytes.fromhex(plan["filter"])
filter_holder = ctypes.create_string_buffer(filter_instructions, len(filter_instructions) or 1)
# struct sock_fprog
filter_program = word(len(filter_instructions) // 8) + word(ctypes.addressof(filter_holder))


def attach_filter():
    if filter_instructions:
        call("seccomp", 1, 0, filter_program)


def close_all_from(descriptor):
    call("close_range", descriptor, 0xFFFFFFFF, 0)
`;
