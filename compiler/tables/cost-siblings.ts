/**
 * Actions of one line reach the same spending by another way: who is denied one can use the others. From the API
 * references of the services; the first line is the one that AWS names in its guidance on limiting launches.
 */
const families: readonly string[] = [
  'ec2:RunInstances ec2:StartInstances ec2:RequestSpotInstances ec2:RequestSpotFleet ec2:CreateFleet ' +
    'ec2:RunScheduledInstances ec2:ModifyFleet ec2:ModifySpotFleetRequest autoscaling:CreateAutoScalingGroup ' +
    'autoscaling:UpdateAutoScalingGroup autoscaling:SetDesiredCapacity autoscaling:LaunchInstances',
  // Money that is spent by a promise to use.
  'ec2:PurchaseReservedInstancesOffering ec2:PurchaseHostReservation ec2:PurchaseScheduledInstances ' +
    'ec2:PurchaseCapacityBlock ec2:PurchaseCapacityBlockExtension savingsplans:CreateSavingsPlan',
  'ec2:CreateCapacityReservation ec2:CreateCapacityReservationFleet ec2:ModifyCapacityReservation ' +
    'ec2:ModifyCapacityReservationFleet ec2:AllocateHosts ec2:PurchaseCapacityBlock',
  // Storage blocks: a larger or copied volume costs what a new one does.
  'ec2:CreateVolume ec2:ModifyVolume ec2:CopyVolumes ec2:ImportVolume',
  'ec2:CreateSnapshot ec2:CreateSnapshots ec2:CopySnapshot ec2:ImportSnapshot ec2:CreateImage ec2:CopyImage ' +
    'ebs:StartSnapshot',
  'ec2:CreateTransitGateway ec2:CreateTransitGatewayVpcAttachment ec2:CreateTransitGatewayPeeringAttachment',
  'rds:CreateDBInstance rds:CreateDBInstanceReadReplica rds:RestoreDBInstanceFromDBSnapshot ' +
    'rds:RestoreDBInstanceFromS3 rds:RestoreDBInstanceToPointInTime rds:StartDBInstance rds:ModifyDBInstance ' +
    'rds:CreateDBCluster rds:RestoreDBClusterFromSnapshot rds:RestoreDBClusterFromS3 ' +
    'rds:RestoreDBClusterToPointInTime rds:StartDBCluster rds:ModifyDBCluster rds:CreateDBShardGroup ' +
    'rds:CreateBlueGreenDeployment',
  'rds:CreateDBSnapshot rds:CopyDBSnapshot rds:CreateDBClusterSnapshot rds:CopyDBClusterSnapshot',
  'dynamodb:CreateTable dynamodb:UpdateTable dynamodb:ImportTable dynamodb:RestoreTableFromBackup ' +
    'dynamodb:RestoreTableToPointInTime dynamodb:RestoreTableFromAwsBackup dynamodb:CreateGlobalTable ' +
    'dynamodb:CreateTableReplica dynamodb:UpdateGlobalTable',
  'redshift:CreateCluster redshift:RestoreFromClusterSnapshot redshift:ResumeCluster redshift:ResizeCluster ' +
    'redshift:ModifyCluster redshift-serverless:CreateWorkgroup redshift-serverless:UpdateWorkgroup',
  'elasticache:CreateCacheCluster elasticache:CreateReplicationGroup elasticache:CreateServerlessCache ' +
    'elasticache:IncreaseReplicaCount elasticache:ModifyCacheCluster elasticache:ModifyReplicationGroup ' +
    'elasticache:ModifyReplicationGroupShardConfiguration elasticache:IncreaseNodeGroupsInGlobalReplicationGroup',
  'memorydb:CreateCluster memorydb:UpdateCluster memorydb:CreateMultiRegionCluster ' +
    'memorydb:UpdateMultiRegionCluster',
  'es:CreateDomain es:CreateElasticsearchDomain es:UpdateDomainConfig es:UpdateElasticsearchDomainConfig ' +
    'aoss:CreateCollection',
  'kafka:CreateCluster kafka:CreateClusterV2 kafka:UpdateBrokerCount kafka:UpdateBrokerType ' +
    'kafka:UpdateBrokerStorage',
  'kinesis:CreateStream kinesis:UpdateShardCount kinesis:SplitShard kinesis:UpdateStreamMode',
  'lambda:InvokeFunction lambda:InvokeAsync lambda:InvokeFunctionUrl',
  'ecs:RunTask ecs:StartTask ecs:CreateService ecs:UpdateService ecs:CreateTaskSet ecs:UpdateTaskSet ' +
    'ecs:CreateExpressGatewayService',
  'eks:CreateNodegroup eks:UpdateNodegroupConfig eks:CreateFargateProfile',
  'elasticmapreduce:RunJobFlow elasticmapreduce:AddInstanceFleet elasticmapreduce:AddInstanceGroups ' +
    'elasticmapreduce:ModifyInstanceFleet elasticmapreduce:ModifyInstanceGroups emr-serverless:StartJobRun',
  'batch:CreateComputeEnvironment batch:UpdateComputeEnvironment batch:SubmitJob batch:SubmitServiceJob',
  'sagemaker:CreateNotebookInstance sagemaker:StartNotebookInstance sagemaker:UpdateNotebookInstance ' +
    'sagemaker:CreateApp sagemaker:CreateSpace',
  'sagemaker:CreateEndpoint sagemaker:UpdateEndpoint sagemaker:UpdateEndpointWeightsAndCapacities ' +
    'sagemaker:CreateInferenceComponent sagemaker:UpdateInferenceComponent',
  'sagemaker:CreateTrainingJob sagemaker:CreateHyperParameterTuningJob sagemaker:CreateAutoMLJob ' +
    'sagemaker:CreateAutoMLJobV2 sagemaker:CreateProcessingJob sagemaker:CreateTransformJob ' +
    'sagemaker:StartPipelineExecution sagemaker:CreateCluster sagemaker:UpdateCluster ' +
    'sagemaker:BatchAddClusterNodes',
  'bedrock:InvokeModel bedrock:InvokeModelWithResponseStream bedrock:CreateModelInvocationJob bedrock:InvokeAgent ' +
    'bedrock:InvokeInlineAgent bedrock:InvokeFlow bedrock:RetrieveAndGenerate bedrock-mantle:CreateInference',
  'glue:StartJobRun glue:StartWorkflowRun glue:StartTrigger glue:CreateSession glue:StartCrawler ' +
    'glue:CreateDevEndpoint',
  'athena:StartQueryExecution athena:StartCalculationExecution athena:StartSession',
  'workspaces:CreateWorkspaces workspaces:StartWorkspaces workspaces:CreateWorkspacesPool ' +
    'workspaces:StartWorkspacesPool workspaces:CreateStandbyWorkspaces workspaces-instances:CreateWorkspaceInstance',
  'lightsail:CreateInstances lightsail:CreateInstancesFromSnapshot lightsail:StartInstance',
  'codebuild:StartBuild codebuild:StartBuildBatch codebuild:RetryBuild codebuild:RetryBuildBatch',
  'gamelift:CreateFleet gamelift:UpdateFleetCapacity gamelift:StartFleetActions gamelift:CreateContainerFleet ' +
    'gamelift:UpdateContainerFleet',
  'fsx:CreateFileSystem fsx:CreateFileSystemFromBackup fsx:CreateVolume fsx:CreateVolumeFromBackup ' +
    'fsx:UpdateFileSystem',
  'states:StartExecution states:StartSyncExecution states:RedriveExecution',
];

/** What launches instances through a service's own role, to which a deny on the caller does not apply. */
const launchers =
  'autoscaling:StartInstanceRefresh batch:CreateComputeEnvironment batch:UpdateComputeEnvironment ' +
  'cloud9:CreateEnvironmentEC2 ecs:CreateCapacityProvider eks:CreateNodegroup eks:UpdateNodegroupConfig ' +
  'elasticbeanstalk:CreateEnvironment elasticmapreduce:RunJobFlow gamelift:CreateFleet ' +
  'imagebuilder:StartImagePipelineExecution pcs:CreateComputeNodeGroup workspaces-instances:CreateWorkspaceInstance';
const launched = 'ec2:RunInstances';

let table: ReadonlyMap<string, readonly string[]> | undefined;

function siblings(): ReadonlyMap<string, readonly string[]> {
  if (table === undefined) {
    const sets = new Map<string, Set<string>>();
    const add = (name: string, others: readonly string[]) => {
      const found = sets.get(name.toLowerCase()) ?? new Set();
      for (const other of others) if (other !== name) found.add(other);
      sets.set(name.toLowerCase(), found);
    };
    for (const line of families) {
      const family = line.split(' ');
      for (const name of family) add(name, family);
    }
    add(launched, launchers.split(' '));
    table = new Map([...sets].map(([name, found]) => [name, [...found]]));
  }
  return table;
}

/**
 * The actions that reach the same spending as `action` (any case) and so bypass a deny of it; none for an action without
 * such. In canonical case, without the action itself, the nearest first.
 */
export function siblingsOf(action: string): readonly string[] {
  return siblings().get(action.toLowerCase()) ?? [];
}
