// One thread of a parallel build (cli/build/pool.ts), from the same scripts and code caches as the command line's.
'use strict';
const { workerData } = require('node:worker_threads');
const { requireChunk } = require('./polc.js');

requireChunk('compiler#cli/build/worker').serve(workerData);
