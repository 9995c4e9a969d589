/** What a counter can count apart: the integers that every hook has. */
export const counterKeys: readonly string[] = ['uid', 'gid', 'pid', 'tid', 'cgroup'];
