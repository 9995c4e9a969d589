// One thread of a parallel build (cli/build/pool.ts), from the same script and code cache as the command line's.
'use strict';
const { workerData } = require('node:worker_threads');
const { load } = require('./polc.js');

load('compiler')
  .exports.thread()
  .then(({ serve }) => serve(workerData));
