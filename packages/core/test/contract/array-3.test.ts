import { arrayContract } from './array';

arrayContract(3);
