import { arrayContract } from './array';

arrayContract(2);
