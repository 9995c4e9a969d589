/**
 * Python: which pages of memory a program writes between its request and its end, and the server until it has handed on a
 * client. A fork shares all pages: each that is written then costs a fault and a copy while a client waits. A process of its
 * own tries both once, whose pages the kernel lists (pagemap, proc_pid_pagemap(5)). What is only read is left to the kernel,
 * which maps sixteen pages at a time: each page more takes time at the end, which is told when all are unmapped.
 */
export const rehearsalSource = String.raw`
start_touches = serving_touches = ()


def rehearse():
    global start_touches, serving_touches
    start_touches = touched_by(try_program)
    serving_touches = touched_by(try_serving)


def touched_by(attempt):
    """The pages that an attempt writes or reads in a process of its own."""
    reading, writing = posix.pipe()
    pid = posix.fork()
    if pid == 0:
        try:
            call("prctl", 4, 1, 0, 0, 0)  # PR_SET_DUMPABLE: or its pagemap would be root's
            attempt(posix.open("/proc/self/pagemap", posix.O_RDONLY), writing)
        finally:
            posix._exit(0)
    posix.close(writing)
    text = b""
    while part := posix.read(reading, 1 << 16):
        text += part
    posix.close(reading)
    posix.waitpid(pid, 0)
    # What was cut short is of no use.
    return tuple(tuple(int(each) for each in line.split()) for line in text.splitlines()) if text.endswith(b"\n") else ()


def try_program(pages, report):
    """All that a program's process does for a client but the sandbox; atexit's functions, which are the packages', are not called."""
    ours, theirs = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_STREAM)
    client, connection = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_STREAM)
    hand_on(ours, connection)
    strings = b"1\0c\0/\0pass\0PATH=/usr/bin\0HOME=/dev/null/home\0"
    nothing = posix.open("/dev/null", posix.O_RDWR)
    given = b"".join(word(each, 4) for each in (nothing, pages, report))
    client.sendmsg([word(len(strings), 4) + strings], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, given)])
    posix.dup2(theirs.detach(), 3)
    for each in (listener, ours, client, connection):
        each.detach()
    mode, folder, arguments, environment = take_request()
    take_over(folder, environment)
    add_user_site()
    finalise(flush(run(start(mode.decode(), arguments))))
    tell_touched(1, 2)


def try_serving(pages, report):
    """All that the server does for a client once a program waits, with itself as both."""
    global listener
    listener.detach()
    listener = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    listener.bind(b"")  # an abstract name that nobody has (unix(7), autobind)
    listener.listen(1)
    listener.setblocking(False)
    ours, theirs = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_STREAM)
    programs.append(Program(posix.getpid(), ours, []))
    programs[0].ready = True
    client = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    client.connect(listener.getsockname())
    turn(now())
    serve_waiting()
    tell_touched(pages, report)


def tell_touched(pages, report):
    posix.write(report, b"".join(b"%d %d\n" % each for each in touched_pages(pages)))


def touched_pages(pagemap):
    """Spans of memory that this process has written since it was forked."""
    spans = []
    for line in read_file_whole("/proc/self/maps").splitlines():
        span, rights, *_, last = line.split()
        if rights != b"rw-p" or last.startswith(b"[v"):
            continue
        start, end = (int(each, 16) for each in span.split(b"-"))
        entries = memoryview(posix.pread(pagemap, (end - start) // page * 8, start // page * 8)).cast("Q")
        at = None
        for index, entry in enumerate(entries):
            # Present, and this process's alone.
            if entry >> 63 and entry >> 56 & 1:
                if at is not None and at == start + index * page:
                    spans[-1][1] += page
                else:
                    spans.append([start + index * page, page])
                at = start + (index + 1) * page
    return [tuple(each) for each in spans]


def touch_memory(touched):
    """Has the kernel copy for this process the pages that it will write, before a client waits for it."""
    for start, size in touched:
        try:
            call("madvise", start, size, 23)  # MADV_POPULATE_WRITE, Linux 5.14
        except OSError:
            pass


def read_file_whole(path):
    with io.open(path, "rb") as file:
        return file.read()


page = c_library.getpagesize()
`;
