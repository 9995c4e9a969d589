/** Python: the start of the server. `plan` is set before it; everything beside it in this folder has been defined. */
export const mainSource = String.raw`
atexit, io, time = map(__import__, ("atexit", "io", "time"))

for name in set(sys.modules) - modules_at_start:
    del sys.modules[name]
server_modules = frozenset(sys.modules)
if sys.path[:1] == [""]:
    del sys.path[0]  # its own folder, for -c
listener = None
in_poll = stop_asked = False


def ask_to_stop(*_):
    """Only while it waits, or bookkeeping would be cut short."""
    global stop_asked
    stop_asked = True
    if in_poll:
        raise Ended("it was told to")


def wait_for_events(poll, milliseconds):
    global in_poll
    in_poll = True
    try:
        if stop_asked:
            raise Ended("it was told to")
        return poll.poll(milliseconds)
    finally:
        in_poll = False


def hold_lock():
    """False where another server of the same kind holds it."""
    while True:
        lock = posix.open(plan["lock"], posix.O_RDWR | posix.O_CREAT | posix.O_CLOEXEC | posix.O_NOFOLLOW, 0o600)
        try:
            call("flock", lock, 6)  # LOCK_EX | LOCK_NB
        except BlockingIOError:
            return False
        try:
            if posix.stat(plan["lock"]).st_ino == posix.fstat(lock).st_ino:
                return True
        except FileNotFoundError:
            pass
        posix.close(lock)  # of a server that has just ended, which took the file with it


def find_left_groups():
    """Those of a server of the kind that was killed: they go when their processes have, and their numbers are not used again."""
    global group_number
    for group in plan["groups"]:
        for name in posix.listdir(group["parent"]):
            number = name[len(plan["groupPrefix"]) :]
            if name.startswith(plan["groupPrefix"]) and number.isdigit():
                left_groups.append(group["parent"] + "/" + name)
                group_number = max(group_number, int(number))


def listen():
    global listener, processors
    close_all_from(3)  # what the first client was itself given open: a lock, the end of a pipe
    if not hold_lock():
        return "held"
    if len(posix.listdir("/proc/self/task")) > 1:
        return "failed: what its site-packages start at once runs threads, which a fork loses"
    find_left_groups()
    try:
        posix.unlink(plan["socket"])
    except FileNotFoundError:
        pass
    call("prctl", 4, 0, 0, 0, 0)  # PR_SET_DUMPABLE: its memory is nobody's to read
    _signal.signal(SIGTERM, ask_to_stop)
    _signal.signal(SIGINT, _signal.SIG_IGN)
    if plan["affinity"]:
        posix.sched_setaffinity(0, plan["affinity"])
    processors = posix.sched_getaffinity(0)
    listener = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    listener.bind(plan["socket"])
    listener.listen(64)
    listener.setblocking(False)
    return "ready"


def main():
    try:
        state = listen()
    except BaseException as error:
        state = "failed: %s" % error
    posix.write(1, state.encode() + b"\n")
    if state != "ready":
        posix._exit(0)
    nothing = posix.open("/dev/null", posix.O_RDWR)
    for descriptor in (0, 1, 2):
        posix.dup2(nothing, descriptor)
    posix.close(nothing)
    look_at_site()
    gc.collect()
    # What compiling this took is given back: each fork would have it mapped, and unmapped at its end.
    if hasattr(c_library, "malloc_trim"):
        c_library.malloc_trim(0)
    gc.freeze()
    rehearse()
    try:
        serve()
    except BaseException:
        if not in_program:
            end()
            posix._exit(0)
        raise
    try:
        forget_server()
        touch_memory(start_touches)
        mode, folder, arguments, environment = take_request()
        take_over(folder, environment)
        lower_limits()
        attach_filter()
    except BaseException as error:
        try:
            posix.write(2, ("polc: the fork server cannot start the program: %s\n" % error).encode())
        finally:
            posix._exit(125)
    add_user_site()
    finish(run(start(mode.decode(), arguments)))


main()
`;
