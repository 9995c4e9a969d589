/**
 * Python: the server, which only accepts, forks and waits. It reads nothing that a client sends, so that its memory, which
 * every program gets a copy of, holds nothing of any client.
 *
 * For the next client one process is always ready: a keeper, the first process of a PID namespace and the interpreter that
 * will run the program, which has its namespaces, its Landlock domain and its control groups and waits for the request.
 */
export const serverSource = String.raw`
SIGINT, SIGKILL, SIGTERM = 2, 9, 15
own_pid = posix.getpid()
request_patience = 30.0


class Program:
    """One keeper and what it keeps: ready, or running for a client."""

    __slots__ = (
        *("pid", "pidfd", "channel", "connection", "pids", "target", "groups"),
        *("ready", "reading", "spent", "ends", "expired"),
    )

    def __init__(self, pid, channel, groups):
        self.pid, self.pidfd, self.channel, self.groups = pid, posix.pidfd_open(pid), channel, groups
        self.connection = self.target = self.ends = None
        self.ready = self.reading = self.spent = self.expired = False
        self.pids = []

    def is_free(self):
        return self.connection is None and not self.spent


class Ended(BaseException):
    """The server is to end."""


programs, waiting, left_groups = [], [], []
group_number = 0
# A new program is not made to share the processors with the making of the next.
prepare_at = 0.0
prepare_delay = 0.02


def now():
    return time.monotonic()


def make_groups():
    global group_number
    group_number += 1
    made = []
    for group in plan["groups"]:
        folder = "%s/%s%d" % (group["parent"], plan["groupPrefix"], group_number)
        made.append(folder)
        posix.mkdir(folder)
        for name, text, optional in group["files"]:
            try:
                write_file(folder + "/" + name, text.encode())
            except FileNotFoundError:
                if not optional:
                    raise
    return made


def remove_groups():
    """A process that has just ended leaves its group a moment later."""
    for folder in left_groups[:]:
        try:
            posix.rmdir(folder)
        except FileNotFoundError:
            pass
        except OSError:
            continue
        left_groups.remove(folder)


def prepare_program():
    """Forks the next keeper; its channel says when it is ready, or why it cannot be."""
    groups = make_groups()
    ours, theirs = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_STREAM)
    ours.setsockopt(_socket.SOL_SOCKET, _socket.SO_PASSCRED, 1)
    pid = posix.fork()
    if pid == 0:
        become_keeper(theirs.detach(), groups)  # does not come back in the keeper
        return None
    theirs.close()
    programs.append(Program(pid, ours, groups))
    touch_memory(serving_touches)  # which it shares from the fork on
    return programs[-1]


def fault_of(connection):
    """Why who connected is not served: only this user is, and no sandbox, in which all have no_new_privs for good."""
    credentials = connection.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, 12)
    pid, user = int.from_bytes(credentials[:4], "little"), int.from_bytes(credentials[4:8], "little")
    if user != posix.geteuid():
        return "it is another user"
    # SO_PEERPIDFD, Linux 6.5: while the process lives its number is no other's.
    pidfd = connection.getsockopt(_socket.SOL_SOCKET, 77)
    try:
        status = read_file("/proc/%d/status" % pid)
        _signal.pidfd_send_signal(pidfd, 0)
    except ProcessLookupError:
        return "it has ended"
    except PermissionError:
        pass  # of a process that is there
    finally:
        posix.close(pidfd)
    return None if b"\nNoNewPrivs:\t0\n" in status else "it is in a sandbox itself"


def read_file(path):
    descriptor = posix.open(path, posix.O_RDONLY | posix.O_CLOEXEC)
    try:
        return posix.read(descriptor, 8192)
    finally:
        posix.close(descriptor)


def accept_clients(most):
    for _ in range(most):
        try:
            descriptor, _ = listener._accept()
        except (BlockingIOError, ConnectionError):
            return
        connection = socket_from(descriptor)
        try:
            problem = fault_of(connection)
        except OSError as error:
            problem = str(error)
        if problem is None:
            waiting.append(connection)
        else:
            tell(connection, b"X" + problem.encode())
            connection.close()


def socket_from(descriptor):
    return _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM, 0, descriptor)


def hand_on(channel, connection):
    channel.sendmsg([b"c"], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, word(connection.fileno(), 4))])


def tell(connection, message):
    try:
        connection.send(message, 0x4040)  # MSG_NOSIGNAL | MSG_DONTWAIT: the program's process has it too
    except OSError:
        pass


def serve_waiting():
    """Gives the first client that waits the process that is ready."""
    global prepare_at
    for program in programs:
        if not waiting:
            return
        if program.ready and program.is_free():
            program.connection = waiting.pop(0)
            program.ends = now() + request_patience
            prepare_at = now() + prepare_delay
            if not waiting:
                call_here(program.pids)
            try:
                hand_on(program.channel, program.connection)
            except OSError:
                kill(program)


def call_here(pids):
    """
    Who comes next goes on at the processor of the server, which is about to rest: another one takes longer to wake than
    most of the rest takes.
    """
    here = (c_library.sched_getcpu(),)
    for pid in pids:
        try:
            posix.sched_setaffinity(pid, here)
        except OSError:
            pass  # it has ended, or its control group has other processors


def kill(program):
    try:
        _signal.pidfd_send_signal(program.pidfd, SIGKILL)
    except ProcessLookupError:
        pass


def hear_channel(program):
    """
    Ready, an error, started (the request has been read), done (nothing is left of it, and the client knows), or nothing: it
    has ended.
    """
    try:
        message, ancillary, _, _ = program.channel.recvmsg(4096, _socket.CMSG_SPACE(12))
    except OSError:
        message, ancillary = b"", []
    if message.startswith((b"r", b"k")):
        for level, kind, data in ancillary:
            if level == _socket.SOL_SOCKET and kind == 2:  # SCM_CREDENTIALS: the number that it has here
                program.pids.append(int.from_bytes(data[:4], "little"))
        if message.startswith(b"r"):
            program.target = posix.pidfd_open(program.pids[-1])
            program.ready = True
    elif message.startswith(b"s"):
        program.reading = True
        program.ends = now() + plan["deadline"] / 1000 if plan["deadline"] else None
    elif message.startswith(b"d"):
        if program.connection is not None and not program.expired:
            program.connection.close()
            program.connection, program.spent = None, True
    elif message:
        for connection in [program.connection, *waiting]:
            if connection is not None:
                tell(connection, b"E" + message[1:])
                connection.close()
        program.connection = None
        waiting.clear()
        raise Ended(message[1:].decode())
    else:
        program.channel.close()
        program.channel = None


def hear_client(program):
    """Numbers of signals for the program, a byte each; whoever hangs up ends it."""
    try:
        signals = program.connection.recv(64, 0x40) if program.reading else b""
    except BlockingIOError:
        return
    except OSError:
        signals = b""
    if not signals:
        kill(program)
        program.connection.close()
        program.connection, program.spent = None, True
    for number in signals:
        try:
            _signal.pidfd_send_signal(program.target, number)
        except OSError:
            pass


def reap(program):
    global prepare_at
    _, status = posix.waitpid(program.pid, 0)
    code = posix.waitstatus_to_exitcode(status)
    if program.connection is not None:
        if not program.reading:
            tell(program.connection, b"Ethe process that was to run the program ended")
        else:
            tell(program.connection, b"S" + word(124 if program.expired else code if code >= 0 else 128 - code, 1))
        program.connection.close()
    for descriptor in (program.pidfd, program.target):
        if descriptor is not None:
            posix.close(descriptor)
    if program.channel is not None:
        program.channel.close()
    left_groups.extend(program.groups)
    programs.remove(program)
    prepare_at = 0.0


def turn(deadline):
    """Waits for what comes next and answers it."""
    poll = select.poll()
    poll.register(listener.fileno(), select.POLLIN)
    of = {}
    for program in programs:
        poll.register(program.pidfd, select.POLLIN)
        of[program.pidfd] = (program, "end")
        if program.channel is not None:
            poll.register(program.channel.fileno(), select.POLLIN)
            of[program.channel.fileno()] = (program, "channel")
        if program.connection is not None:
            # Before it has read its request, what comes from the client is for it.
            poll.register(program.connection.fileno(), select.POLLIN if program.reading else 0x2000)  # POLLRDHUP
            of[program.connection.fileno()] = (program, "client")
    ends = [program.ends for program in programs if program.ends is not None]
    if left_groups:
        ends.append(now() + 0.02)
    events = wait_for_events(poll, max(0, min([deadline, *ends]) - now()) * 1000 + 1)
    # What a program says before its end comes first.
    order = ("channel", "client", "end")
    heard = sorted((of[at] for at, _ in events if at in of), key=lambda each: order.index(each[1]))
    for program, part in heard:
        if part == "channel" and program.channel is not None:
            hear_channel(program)
        elif part == "client" and program.connection is not None:
            hear_client(program)
        elif part == "end":
            reap(program)
    for program in programs:
        if program.ends is not None and program.ends <= now():
            program.ends, program.expired = None, True
            kill(program)
    remove_groups()
    if any(at == listener.fileno() for at, _ in events):
        accept_clients(1)


def lacks_program():
    return not any(program.is_free() for program in programs)


def serve():
    """Until it is told to end, or nobody has asked for so many seconds; a program process comes back from here too."""
    deadline = now() + plan["idle"]
    closing = False
    while True:
        if lacks_program() and (waiting or now() >= prepare_at) and prepare_program() is None:
            return
        turn(min(deadline, prepare_at) if lacks_program() else deadline)
        if waiting:
            serve_waiting()
        if in_program:
            return
        if waiting or any(program.connection is not None for program in programs):
            deadline = now() + plan["idle"]
        elif closing:
            raise Ended("nobody asks")
        elif now() >= deadline:
            # Nobody can connect any more; who has just done so is served.
            posix.unlink(plan["socket"])
            closing = True
            accept_clients(64)


def end():
    """Every program ends with its keeper, and with it every process in its PID namespace."""
    listener.close()
    for path in (plan["socket"], plan["lock"]):
        try:
            posix.unlink(path)
        except FileNotFoundError:
            pass
    for program in programs:
        kill(program)
    for program in programs[:]:
        reap(program)
    until = now() + 2
    while left_groups and now() < until:
        remove_groups()
        time.sleep(0.01)
`;
