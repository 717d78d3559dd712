import { startDynamo } from '../../lib/local/dynamo.ts';
import { storeContract } from './contract.ts';

storeContract('dynalite', startDynamo);
