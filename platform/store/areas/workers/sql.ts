/** Statements of agents, workers with their instances, and repositories. */
import { sqlOf } from '../../base/sql.ts';

/** What follows an entry in a list sorted by `column` and id. */
const afterName = (column: string): string =>
  `(CAST(:afterName AS TEXT) IS NULL OR ${column} > :afterName OR (${column} = :afterName AND id > :afterId))`;

export const workerSql = sqlOf({
  repositoryById: 'SELECT * FROM repository WHERE workspace_id = :workspace AND id = :repository',
  repositoryList: `SELECT * FROM repository WHERE workspace_id = :workspace AND ${afterName('name')} ORDER BY name, id LIMIT :limit`,
  repositoryMatch: `SELECT * FROM repository WHERE workspace_id = :workspace AND COALESCE(remote, '') = :remote AND COALESCE(root_commit, '') = :rootCommit
      AND subdirectory = :subdirectory AND (:remote <> '' OR :rootCommit <> '' OR name = :name)`,
  agentById: 'SELECT * FROM agent WHERE workspace_id = :workspace AND id = :agent',
  agentBySlug: `SELECT * FROM agent WHERE workspace_id = :workspace AND slug = :slug AND execution = :execution
      AND (execution = 'cloud' OR owner_id = :owner) ORDER BY created_at, id LIMIT 1`,
  agentList: `SELECT * FROM agent WHERE workspace_id = :workspace AND ${afterName('name')} ORDER BY name, id LIMIT :limit`,
  agentUpdate: 'UPDATE agent SET name = :name, driver = :driver, instructions = :instructions WHERE id = :agent',
  workerById: 'SELECT * FROM worker WHERE workspace_id = :workspace AND id = :worker',
  workerMatch:
    'SELECT * FROM worker WHERE workspace_id = :workspace AND owner_id = :owner AND machine = :machine AND execution = :execution',
  workerUpdate: 'UPDATE worker SET agent_ids = :agents, capacity = :capacity, seen_at = :now WHERE id = :worker',
  workerSeen: 'UPDATE worker SET seen_at = :now WHERE id = :worker',
  workerList: `SELECT w.*, (SELECT COUNT(*) FROM session s WHERE s.claim_worker_id = w.id AND s.lease_end IS NOT NULL) AS running
      FROM worker w WHERE w.workspace_id = :workspace AND ${afterName('machine')} ORDER BY machine, id LIMIT :limit`,
  instanceById: 'SELECT * FROM instance WHERE id = :instance',
  instanceSeen: 'UPDATE instance SET seen_at = :now WHERE id = :instance',
  pollingWorker: `SELECT w.*, n.seen_at AS instance_seen_at FROM worker w JOIN instance n ON n.worker_id = w.id
      WHERE w.workspace_id = :workspace AND w.id = :worker AND n.id = :instance`,
  instanceAgain: 'UPDATE instance SET program = :program, version = :version, seen_at = :now WHERE id = :instance',
  /** The newest few of each worker. */
  instanceList: (
    d,
  ) => `SELECT * FROM (SELECT n.*, ROW_NUMBER() OVER (PARTITION BY n.worker_id ORDER BY n.seen_at DESC, n.id) AS place FROM instance n
      WHERE ${d.among('n.worker_id', ':workers')} AND n.seen_at > :since) AS newest WHERE place <= :most ORDER BY started_at, id`,
});
