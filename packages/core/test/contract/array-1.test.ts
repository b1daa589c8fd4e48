import { arrayContract } from './array';

arrayContract(1);
