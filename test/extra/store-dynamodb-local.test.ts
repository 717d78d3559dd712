import { storeContract } from '../store/contract.ts';
import { historyContract } from '../store/history-contract.ts';
import { startDynamoDbLocal } from './dynamodb-local.ts';

storeContract('DynamoDB Local', startDynamoDbLocal);
historyContract('DynamoDB Local', startDynamoDbLocal);
