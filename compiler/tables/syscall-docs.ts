/** One line about each common call, in our words: what it does, for completion and hover. `name text` per line. */
const lines = `
accept take a connection from a listening socket
accept4 take a connection from a listening socket, with flags
access test permissions of a path
acct switch process accounting
add_key put a key into a kernel key ring
adjtimex read or tune the system clock
alarm send SIGALRM after some seconds
arch_prctl set x86 thread state such as the thread pointer
bind give a socket its address
bpf load BPF programs and use BPF maps
brk move the end of the heap
cachestat ask how much of a file is cached
capget read capabilities of a thread
capset set capabilities of the calling thread
chdir change the working directory
chmod change permissions of a path
chown change the owner of a path
chroot change the root directory
clock_adjtime tune a clock
clock_getres ask for the resolution of a clock
clock_gettime read a clock
clock_nanosleep sleep by a clock
clock_settime set a clock
clone create a process or thread
clone3 create a process or thread; its flags lie in memory, out of a filter's sight
close close a descriptor
close_range close a range of descriptors
connect connect a socket to an address
copy_file_range copy between files within the kernel
creat create a file
delete_module unload a kernel module
dup duplicate a descriptor
dup2 duplicate a descriptor onto a number
dup3 duplicate a descriptor onto a number, with flags
epoll_create make an epoll instance
epoll_create1 make an epoll instance, with flags
epoll_ctl add, change or remove a watched descriptor
epoll_pwait wait for epoll events with a signal mask
epoll_pwait2 wait for epoll events with a precise timeout
epoll_wait wait for epoll events
eventfd make an event counter
eventfd2 make an event counter, with flags
execve replace the program of this process
execveat replace the program, by a path below a descriptor
exit end the calling thread
exit_group end all threads of the process
faccessat test permissions of a path below a directory
faccessat2 test permissions of a path, with flags
fadvise64 announce how a file will be read
fallocate reserve or punch space of a file
fanotify_init make a fanotify group
fanotify_mark watch files by fanotify
fchdir change the working directory to a descriptor
fchmod change permissions of an open file
fchmodat change permissions of a path below a directory
fchmodat2 change permissions of a path, with flags
fchown change the owner of an open file
fchownat change the owner of a path below a directory
fcntl act on a descriptor: flags, locks, duplicates
fdatasync write a file's data to storage
fgetxattr read an extended attribute of an open file
finit_module load a kernel module from a descriptor
flistxattr list extended attributes of an open file
flock lock a whole file
fork create a process
fremovexattr remove an extended attribute of an open file
fsconfig configure a file system before mounting
fsetxattr set an extended attribute of an open file
fsmount turn a configured file system into a mount
fsopen begin to configure a file system
fspick begin to reconfigure a mounted file system
fstat read attributes of an open file
fstatfs read facts about the file system of an open file
fsync write a file to storage
ftruncate set the length of an open file
futex wait on or wake a word of memory: locks
futex_requeue move waiters between futexes
futex_wait wait on a futex
futex_waitv wait on several futexes
futex_wake wake waiters of a futex
futimesat set the times of a file
get_mempolicy read the NUMA memory policy
get_robust_list find the robust futexes of a thread
getcpu ask which processor runs the caller
getcwd read the working directory
getdents list a directory
getdents64 list a directory
getegid read the effective group id
geteuid read the effective user id
getgid read the group id
getgroups read the supplementary groups
getitimer read an interval timer
getpeername read the address of a socket's peer
getpgid read the process group of a process
getpgrp read the process group of the caller
getpid read the process id
getppid read the process id of the parent
getpriority read a nice value
getrandom read random bytes
getresgid read real, effective and saved group ids
getresuid read real, effective and saved user ids
getrlimit read a resource limit
getrusage read resources used so far
getsid read the session id
getsockname read the address of a socket
getsockopt read an option of a socket
gettid read the thread id
gettimeofday read the time of day
getuid read the user id
getxattr read an extended attribute of a path
init_module load a kernel module from memory
inotify_add_watch watch a path by inotify
inotify_init make an inotify instance
inotify_init1 make an inotify instance, with flags
inotify_rm_watch remove an inotify watch
io_cancel cancel an asynchronous operation
io_destroy end an asynchronous context
io_getevents collect finished asynchronous operations
io_pgetevents collect finished asynchronous operations with a signal mask
io_setup make an asynchronous context
io_submit submit asynchronous operations
io_uring_enter submit and wait on an io_uring; the operations pass no filter
io_uring_register register resources of an io_uring
io_uring_setup make an io_uring; its operations pass no filter
ioctl send a command to a device or socket
ioperm allow I/O ports to the thread
iopl change the I/O privilege level
ioprio_get read an I/O priority
ioprio_set set an I/O priority
ipc the System V IPC calls of 32-bit architectures in one
kcmp compare kernel resources of two processes
kexec_file_load load another kernel from a descriptor
kexec_load load another kernel
keyctl act on kernel keys
kill send a signal to a process or group
landlock_add_rule add a rule to a Landlock ruleset
landlock_create_ruleset make a Landlock ruleset
landlock_restrict_self confine the caller by a Landlock ruleset
lchown change the owner of a symbolic link
lgetxattr read an extended attribute of a link
link make a hard link
linkat make a hard link below directories
listen let a socket take connections
listmount list mounts below a mount
listxattr list extended attributes of a path
llistxattr list extended attributes of a link
lookup_dcookie resolve a profiler's cookie to a path
lremovexattr remove an extended attribute of a link
lseek move the position in a file
lsetxattr set an extended attribute of a link
lstat read attributes of a link
madvise announce how memory will be used
map_shadow_stack map memory for a shadow stack
mbind set the NUMA policy of memory
membarrier order memory between processors
memfd_create make a file in memory
memfd_secret make memory that the kernel itself does not map
migrate_pages move a process's pages between NUMA nodes
mincore ask which pages are resident
mkdir make a directory
mkdirat make a directory below a directory
mknod make a file or device node
mknodat make a file or device node below a directory
mlock lock memory into RAM
mlock2 lock memory into RAM, with flags
mlockall lock all memory into RAM
mmap map a file or memory
mmap2 map a file or memory, offset in pages
modify_ldt change the local descriptor table
mount mount a file system
mount_setattr change attributes of mounts
move_mount attach or move a mount
move_pages move pages between NUMA nodes
mprotect change the protection of memory
mq_getsetattr read or set attributes of a message queue
mq_notify be told of messages in a queue
mq_open open a message queue
mq_timedreceive receive from a message queue
mq_timedsend send to a message queue
mq_unlink remove a message queue
mremap move or resize a mapping
mseal forbid changes to mappings
msgctl control a System V message queue
msgget get a System V message queue
msgrcv receive a System V message
msgsnd send a System V message
msync write a mapping back to its file
munlock unlock memory
munlockall unlock all memory
munmap remove a mapping
name_to_handle_at turn a path into a file handle
nanosleep sleep
newfstatat read attributes of a path below a directory
nice change the nice value
open open or create a file
open_by_handle_at open a file by its handle
open_tree open or clone a mount
openat open or create a file below a directory
openat2 open a file; its flags lie in memory, out of a filter's sight
pause wait for a signal
perf_event_open measure performance
personality set the execution domain
pidfd_getfd copy a descriptor of another process
pidfd_open open a descriptor of a process
pidfd_send_signal send a signal through a process descriptor
pipe make a pipe
pipe2 make a pipe, with flags
pivot_root exchange the root mount
pkey_alloc allocate a protection key
pkey_free free a protection key
pkey_mprotect protect memory by a key
poll wait for events on descriptors
ppoll wait for events with a signal mask
prctl act on the process: names, seccomp, no_new_privs
pread64 read at an offset
preadv read at an offset into several buffers
preadv2 read at an offset into several buffers, with flags
prlimit64 read or set a resource limit of a process
process_madvise advise on another process's memory
process_mrelease free the memory of a dying process
process_vm_readv read another process's memory
process_vm_writev write another process's memory
pselect6 wait for events with a signal mask
ptrace trace and control another process
pwrite64 write at an offset
pwritev write several buffers at an offset
pwritev2 write several buffers at an offset, with flags
quotactl manage disk quotas
read read from a descriptor
readahead load a file into the cache
readlink read the target of a link
readlinkat read the target of a link below a directory
readv read into several buffers
reboot restart, halt or power off
recv receive from a socket
recvfrom receive from a socket with the sender's address
recvmmsg receive several messages
recvmsg receive a message, also descriptors
remap_file_pages rearrange a mapping
removexattr remove an extended attribute of a path
rename rename a path
renameat rename a path below directories
renameat2 rename a path, with flags
request_key ask for a kernel key
restart_syscall resume an interrupted call; made by the kernel
rmdir remove a directory
rseq register the area of restartable sequences
rt_sigaction set the handler of a signal
rt_sigpending read pending signals
rt_sigprocmask change the signal mask
rt_sigqueueinfo send a signal with data
rt_sigreturn return from a signal handler
rt_sigsuspend wait for a signal with another mask
rt_sigtimedwait wait for a signal for some time
rt_tgsigqueueinfo send a signal with data to a thread
sched_get_priority_max ask for the highest priority of a policy
sched_get_priority_min ask for the lowest priority of a policy
sched_getaffinity read the processors of a thread
sched_getattr read scheduling attributes
sched_getparam read scheduling parameters
sched_getscheduler read the scheduling policy
sched_rr_get_interval read the round-robin interval
sched_setaffinity set the processors of a thread
sched_setattr set scheduling attributes
sched_setparam set scheduling parameters
sched_setscheduler set the scheduling policy
sched_yield give up the processor
seccomp install a filter of system calls
select wait for events on descriptors
semctl control System V semaphores
semget get System V semaphores
semop operate System V semaphores
semtimedop operate System V semaphores for some time
send send on a connected socket
sendfile copy from a file to a descriptor
sendmmsg send several messages
sendmsg send a message, also descriptors
sendto send to an address
set_mempolicy set the NUMA memory policy
set_robust_list register robust futexes
set_thread_area set the thread pointer of 32-bit x86
set_tid_address set where the thread id is cleared at exit
setdomainname set the NIS domain name
setfsgid set the group id for file access
setfsuid set the user id for file access
setgid set the group id
setgroups set the supplementary groups
sethostname set the host name
setitimer set an interval timer
setns enter a namespace
setpgid set the process group
setpriority set a nice value
setregid set real and effective group ids
setresgid set real, effective and saved group ids
setresuid set real, effective and saved user ids
setreuid set real and effective user ids
setrlimit set a resource limit
setsid begin a session
setsockopt set an option of a socket
settimeofday set the time of day
setuid set the user id
setxattr set an extended attribute of a path
shmat map System V shared memory
shmctl control System V shared memory
shmdt unmap System V shared memory
shmget get System V shared memory
shutdown close one direction of a connection
sigaltstack set the stack of signal handlers
signalfd receive signals by a descriptor
signalfd4 receive signals by a descriptor, with flags
socket make a socket
socketcall the socket calls of 32-bit x86 in one; its arguments lie in memory
socketpair make two connected sockets
splice move data between a pipe and a descriptor
stat read attributes of a path
statfs read facts about a file system
statmount read facts about a mount
statx read chosen attributes of a path
swapoff stop using swap space
swapon use swap space
symlink make a symbolic link
symlinkat make a symbolic link below a directory
sync write all cached data to storage
sync_file_range write part of a file to storage
syncfs write a file system to storage
sysfs ask about kinds of file systems
sysinfo read load and memory of the system
syslog read or clear the kernel log
tee duplicate data between pipes
tgkill send a signal to a thread of a process
time read the time in seconds
timer_create make a timer
timer_delete remove a timer
timer_getoverrun ask how often a timer overran
timer_gettime read a timer
timer_settime set a timer
timerfd_create make a timer descriptor
timerfd_gettime read a timer descriptor
timerfd_settime set a timer descriptor
times read processor times
tkill send a signal to a thread
truncate set the length of a path
umask set the mask of new files' permissions
umount unmount a file system
umount2 unmount a file system, with flags
uname read system name and version
unlink remove a name of a file
unlinkat remove a file or directory below a directory
unshare leave shared namespaces and resources
userfaultfd handle page faults in the program
ustat read facts about a device's file system
utime set the times of a file
utimensat set the times of a file, in nanoseconds
utimes set the times of a file
vfork create a process that borrows the parent's memory
vhangup hang up the terminal
vm86 run 16-bit code
vmsplice map memory into a pipe
wait4 wait for a child, with its resource use
waitid wait for a child
waitpid wait for a child
write write to a descriptor
writev write several buffers
`;

let docs: ReadonlyMap<string, string> | undefined;

function decode(): ReadonlyMap<string, string> {
  const table = new Map<string, string>();
  for (const line of lines.trim().split('\n')) {
    const space = line.indexOf(' ');
    table.set(line.slice(0, space), line.slice(space + 1));
  }
  return table;
}

/** What the system call does, in one line; a wide variant (`chown32`, `futex_time64`) has the line of the plain call. */
export function syscallDoc(name: string): string | undefined {
  docs ??= decode();
  return docs.get(name) ?? docs.get(name.replace(/_time64$|(?<=\D)(64|32)$/, ''));
}
