import { startDynamo } from '../../lib/local/dynamo.ts';
import { storeContract } from './contract.ts';
import { historyContract } from './history-contract.ts';

storeContract('dynalite', startDynamo);
historyContract('dynalite', startDynamo);
