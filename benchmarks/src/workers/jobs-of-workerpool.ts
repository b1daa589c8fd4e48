/** The worker file of workerpool. */
import workerpool from 'workerpool';
import { busy, bytes, tiny } from './jobs.js';

workerpool.worker({ tiny, bytes, busy });
