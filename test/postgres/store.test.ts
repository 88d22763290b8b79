import { Client } from 'pg';
import { openPostgresStore } from '../../platform/store/postgres/open.ts';
import { storeConformance } from '../store/conformance.ts';
import { emptyStatements, startServer, type TestServer } from './server.ts';

describe('on PostgreSQL', function () {
  this.timeout(180_000);
  let server: TestServer;
  let admin: Client;
  before(async () => {
    server = await startServer();
    admin = new Client(server.url());
    await admin.connect();
  });
  after(async () => {
    await admin.end();
    await server.remove();
  });
  storeConformance('PostgreSQL', async (settings) => {
    const { store } = await openPostgresStore({ ...settings, url: server.url(), clock: 'call', connections: 8 });
    await admin.query(emptyStatements);
    return store;
  });
});
