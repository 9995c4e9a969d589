// One thread of a parallel build (cli/build/pool.ts), from the same scripts and code caches as the command line's.
'use strict';
const { setFlagsFromString } = require('node:v8');
const { workerData } = require('node:worker_threads');
const { requireChunk } = require('./polc.js');

const { serve } = requireChunk('compiler#cli/build/worker');
// Of a thread that ends after a second or two V8 would spend a third on optimising some 400 functions. It is to wait until
// they have run longer: after so many bytes of bytecode instead of some 66,000. Code caches are of one setting, and so
// the largest script is loaded before.
setFlagsFromString('--interrupt-budget=600000');
serve(workerData);
