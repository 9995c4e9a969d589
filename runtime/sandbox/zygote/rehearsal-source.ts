/**
 * Python: which pages of memory the start and the end of a program write and read. A fork shares all pages with its server
 * and maps none of a file's: each that it comes to costs a fault while a client waits, and each that it was given in vain
 * costs time at its end. A process of its own tries it once, whose pages the kernel lists (pagemap, proc_pid_pagemap(5)).
 */
export const rehearsalSource = String.raw`
touched = ()


def rehearse():
    global touched
    reading, writing = posix.pipe()
    pid = posix.fork()
    if pid == 0:
        try:
            try_program(writing)
        finally:
            posix._exit(0)
    posix.close(writing)
    text = b""
    while part := posix.read(reading, 1 << 16):
        text += part
    posix.close(reading)
    posix.waitpid(pid, 0)
    # What was cut short is of no use.
    if text.endswith(b"\n"):
        touched = tuple(tuple(int(each) for each in line.split()) for line in text.splitlines())


def try_program(report):
    """All that a program's process does for a client but the sandbox; atexit's functions, which are the packages', are not called."""
    call("prctl", 4, 1, 0, 0, 0)  # PR_SET_DUMPABLE: or its pagemap would be root's
    pages = posix.open("/proc/self/pagemap", posix.O_RDONLY)
    ours, theirs = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_STREAM)
    client, connection = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_STREAM)
    rights = lambda *descriptors: [
        (_socket.SOL_SOCKET, _socket.SCM_RIGHTS, b"".join(word(each, 4) for each in descriptors))
    ]
    ours.sendmsg([b"c"], rights(connection.fileno()))
    strings = b"1\0c\0/\0pass\0PATH=/usr/bin\0HOME=/dev/null/home\0"
    nothing = posix.open("/dev/null", posix.O_RDWR)
    client.sendmsg([word(len(strings), 4) + strings], rights(nothing, pages, report))
    posix.dup2(theirs.detach(), 3)
    for each in (listener, ours, client, connection):
        each.detach()
    mode, folder, arguments, environment = take_request()
    take_over(folder, environment)
    add_user_site()
    finalise(flush(run(start(mode.decode(), arguments))))
    posix.write(2, b"".join(b"%d %d %d\n" % each for each in touched_pages(1)))


def touched_pages(pagemap):
    """Spans and what madvise(2) is to be told of them: MADV_POPULATE_WRITE or MADV_POPULATE_READ, Linux 5.14."""
    spans = []
    for line in read_file_whole("/proc/self/maps").splitlines():
        span, rights, *_, last = line.split()
        if rights[3:] != b"p" or rights[:1] != b"r" or last.startswith(b"[v"):
            continue
        advice = 23 if rights[1:2] == b"w" else 22
        start, end = (int(each, 16) for each in span.split(b"-"))
        entries = memoryview(posix.pread(pagemap, (end - start) // page * 8, start // page * 8)).cast("Q")
        at = None
        for index, entry in enumerate(entries):
            # Present, and where it is to be written this process's alone.
            if entry >> 63 and (advice == 22 or entry >> 56 & 1):
                if at is not None and at == start + index * page and spans[-1][2] == advice:
                    spans[-1][1] += page
                else:
                    spans.append([start + index * page, page, advice])
                at = start + (index + 1) * page
    return [tuple(each) for each in spans]


def touch_memory():
    """Has the kernel give this process the pages that it will need before a client waits for it."""
    for start, size, advice in touched:
        try:
            call("madvise", start, size, advice)
        except OSError:
            pass


def read_file_whole(path):
    with io.open(path, "rb") as file:
        return file.read()


page = ctypes.CDLL(None).getpagesize()
`;
