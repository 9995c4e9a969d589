/**
 * What deletes a store of data, or the backups and keys without which it is lost. Seed 003, section 3.1, names
 * `s3:DeleteBucket`, `dynamodb:DeleteTable` and `rds:DeleteDBInstance`; the others do the same to other stores. Judged by
 * us from the Service Authorization Reference: actions that remove settings, policies, users or single queue messages are
 * not among them.
 */
const table = `
aoss DeleteCollection DeleteIndex
backup DeleteBackupVault DeleteRecoveryPoint
cassandra Drop DropMultiRegionResource
docdb-elastic DeleteCluster DeleteClusterSnapshot
dsql DeleteCluster
dynamodb DeleteBackup DeleteItem DeleteTable DeleteTableReplica PartiQLDelete
ec2 DeleteSnapshot DeleteVolume TerminateInstances
ecr BatchDeleteImage DeleteRepository
elasticache DeleteCacheCluster DeleteGlobalReplicationGroup DeleteReplicationGroup DeleteServerlessCache
elasticache DeleteServerlessCacheSnapshot DeleteSnapshot
elasticfilesystem DeleteFileSystem
es DeleteDomain DeleteElasticsearchDomain DeleteIndex
fsx DeleteBackup DeleteFileSystem DeleteSnapshot DeleteStorageVirtualMachine DeleteVolume
glacier DeleteArchive DeleteVault
kafka DeleteCluster DeleteTopic
kinesis DeleteStream
kms DeleteImportedKeyMaterial ScheduleKeyDeletion
lightsail DeleteBucket DeleteDisk DeleteDiskSnapshot DeleteInstance DeleteInstanceSnapshot DeleteRelationalDatabase
lightsail DeleteRelationalDatabaseSnapshot
logs DeleteLogGroup DeleteLogStream
memorydb DeleteCluster DeleteMultiRegionCluster DeleteSnapshot
neptune-db DeleteDataViaQuery
neptune-graph DeleteDataViaQuery DeleteGraph DeleteGraphSnapshot
qldb DeleteLedger
rds DeleteDBCluster DeleteDBClusterAutomatedBackup DeleteDBClusterSnapshot DeleteDBInstance
rds DeleteDBInstanceAutomatedBackup DeleteDBShardGroup DeleteDBSnapshot DeleteTenantDatabase
redshift DeleteCluster DeleteClusterSnapshot
redshift-serverless DeleteNamespace DeleteSnapshot
s3 DeleteBucket DeleteObject DeleteObjectVersion
s3express DeleteBucket
s3-outposts DeleteBucket DeleteObject DeleteObjectVersion
s3tables DeleteTable DeleteTableBucket
s3vectors DeleteIndex DeleteVectorBucket DeleteVectors
secretsmanager DeleteSecret
sqs DeleteQueue PurgeQueue
storagegateway DeleteFileShare DeleteTape DeleteTapeArchive DeleteVolume
timestream DeleteDatabase DeleteTable
timestream-influxdb DeleteDbBackup DeleteDbCluster DeleteDbInstance
`;

let decoded: readonly string[] | undefined;

/** The actions that delete data, in canonical case, by service. */
export function destructiveActions(): readonly string[] {
  decoded ??= table
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [service, ...actions] = line.split(' ');
      return actions.map((action) => `${service}:${action}`);
    });
  return decoded;
}
