import { nearest } from '../diagnostics/suggest.ts';

/** A family of services that people call by one name, and that Cost Explorer may bill under several. */
export interface CostServiceFamily {
  /** What the family is called; also the first of its names in Cost Explorer where that has one alone. */
  readonly name: string;
  /** The values of Cost Explorer's dimension SERVICE, exactly; anomalies use the same. */
  readonly costNames: readonly string[];
  /** Other names that people write: short names, names of old and new, and prefixes of IAM actions. */
  readonly aliases: readonly string[];
}

/**
 * `Cost Explorer names, by ; | other names, by ;`. A name of a family that is no value of Cost Explorer comes first, with
 * `=` after it.
 *
 * The values are facts about what GetCostAndUsage and GetDimensionValues answer, gathered from published outputs of both
 * and from bills: AWS has no list. They do not follow the names in documentation (`AmazonCloudWatch`, `CodeBuild`,
 * `Amazon EC2 Container Registry (ECR)`), and old values stay beside new ones, since either may come.
 */
const table = `
Amazon Elastic Compute Cloud=Amazon Elastic Compute Cloud - Compute;EC2 - Other;Amazon Elastic Block Store|Amazon EC2;EC2;EC2 - Instances;EC2-Instances;EC2-Other;Elastic Compute Cloud;Amazon EBS;EBS;Elastic Block Store;NAT Gateway
Amazon Simple Storage Service;Amazon S3 Glacier Deep Archive|Amazon S3;S3;Simple Storage Service
Amazon Glacier|Amazon S3 Glacier;S3 Glacier;Glacier
Amazon Relational Database Service|Amazon RDS;RDS;Amazon Aurora;Aurora;Relational Database Service
AWS Lambda|Lambda
Amazon Elastic Container Service;Amazon EC2 Container Service|Amazon ECS;ECS;AWS Fargate;Fargate;Elastic Container Service
Amazon Elastic Container Service for Kubernetes;Amazon Elastic Kubernetes Service|Amazon EKS;EKS;Elastic Kubernetes Service
Amazon EC2 Container Registry (ECR);Amazon Elastic Container Registry Public|Amazon Elastic Container Registry;Amazon ECR;ECR;ecr-public
Amazon Elastic Load Balancing;Elastic Load Balancing|elasticloadbalancing;Amazon ELB;AWS ELB;ELB;ALB;NLB
Amazon Virtual Private Cloud|Amazon VPC;VPC;Virtual Private Cloud
AmazonCloudWatch;CloudWatch Events|Amazon CloudWatch;CloudWatch;Amazon CloudWatch Logs;CloudWatch Logs;logs
Amazon EventBridge=CloudWatch Events|EventBridge;events
AWS CloudTrail|CloudTrail
Amazon CloudFront|CloudFront;OCBCloudFront
Amazon Route 53|Route 53;route53
Amazon Registrar|route53domains;Route 53 Domains
Amazon API Gateway|API Gateway;apigateway;execute-api
Amazon DynamoDB;DynamoDB Accelerator (DAX)|DynamoDB
Amazon DynamoDB Accelerator=DynamoDB Accelerator (DAX)|DAX
Amazon ElastiCache|ElastiCache
Amazon MemoryDB|MemoryDB;Amazon MemoryDB for Redis
Amazon Redshift|Redshift;Redshift Serverless;redshift-serverless
Amazon OpenSearch Service;Amazon Elasticsearch Service|OpenSearch;Elasticsearch;es;aoss;Amazon OpenSearch;OpenSearch Serverless
Amazon DocumentDB (with MongoDB compatibility)|Amazon DocumentDB;DocumentDB;docdb;docdb-elastic
Amazon Neptune|Neptune;neptune-db;neptune-graph
Amazon Keyspaces (for Apache Cassandra)|Amazon Keyspaces;Keyspaces;cassandra
Amazon Timestream|Timestream;timestream-influxdb
Amazon Quantum Ledger Database|Amazon QLDB;QLDB
Amazon SimpleDB|SimpleDB;sdb
Amazon Kinesis|Kinesis;Kinesis Data Streams;Amazon Kinesis Data Streams
Amazon Kinesis Firehose|Firehose;Amazon Data Firehose;Amazon Kinesis Data Firehose;Kinesis Firehose
Amazon Kinesis Analytics|kinesisanalytics;Kinesis Analytics;Amazon Managed Service for Apache Flink;Flink
Amazon Kinesis Video Streams|kinesisvideo;Kinesis Video Streams
Amazon Managed Streaming for Apache Kafka|Amazon MSK;MSK;kafka;Managed Streaming for Apache Kafka
Amazon MQ|MQ
Amazon Simple Queue Service|Amazon SQS;SQS;Simple Queue Service
Amazon Simple Notification Service|Amazon SNS;SNS;Simple Notification Service
Amazon Simple Email Service|Amazon SES;SES;Simple Email Service
AWS End User Messaging|End User Messaging;sms-voice;AWS End User Messaging SMS
Amazon Pinpoint|Pinpoint;AWS Pinpoint;mobiletargeting
Amazon Simple Workflow Service|Amazon SWF;SWF
AWS Step Functions|Step Functions;states
AWS Glue|Glue;AWS Glue DataBrew;databrew
Amazon Athena|Athena
Amazon Elastic MapReduce|Amazon EMR;EMR;elasticmapreduce;emr-serverless;Elastic MapReduce
AWS Lake Formation|Lake Formation;lakeformation
Amazon QuickSight|QuickSight;Amazon Quick Suite
AWS Data Pipeline;AWS DataPipeline|datapipeline;Data Pipeline
AWS Data Exchange|dataexchange;Data Exchange
Amazon DataZone|DataZone
Amazon Managed Workflows for Apache Airflow|Amazon MWAA;MWAA;airflow
Amazon AppFlow|AppFlow
AWS AppSync|AppSync
AWS Clean Rooms|cleanrooms;Clean Rooms
Amazon SageMaker|SageMaker;Amazon SageMaker AI;SageMaker AI
Amazon Bedrock;Amazon Bedrock Service;Amazon Bedrock AgentCore;Claude (Amazon Bedrock Edition);Claude Instant (Amazon Bedrock Edition);Claude 2 (Amazon Bedrock Edition);Claude 2.1 (Amazon Bedrock Edition);Claude 3 Haiku (Amazon Bedrock Edition);Claude 3 Sonnet (Amazon Bedrock Edition);Claude 3 Opus (Amazon Bedrock Edition);Claude 3.5 Haiku (Amazon Bedrock Edition);Claude 3.5 Sonnet (Amazon Bedrock Edition);Claude 3.5 Sonnet v2 (Amazon Bedrock Edition);Claude 3.7 Sonnet (Amazon Bedrock Edition);Claude Haiku 4.5 (Amazon Bedrock Edition);Claude Sonnet 4 (Amazon Bedrock Edition);Claude Sonnet 4.5 (Amazon Bedrock Edition);Claude Sonnet 4.6 (Amazon Bedrock Edition);Claude Opus 4 (Amazon Bedrock Edition);Claude Opus 4.1 (Amazon Bedrock Edition);Claude Opus 4.5 (Amazon Bedrock Edition);Claude Opus 4.6 (Amazon Bedrock Edition);Jurassic-2 Mid (Amazon Bedrock Edition);Jurassic-2 Ultra (Amazon Bedrock Edition);Meta Llama 2 Chat 13B (Amazon Bedrock Edition);Meta Llama 2 Chat 70B (Amazon Bedrock Edition)|Bedrock;bedrock-agentcore;bedrock-mantle;Claude
Amazon Q;Amazon CodeWhisperer|Amazon Q Developer;Amazon Q Business;qbusiness;CodeWhisperer;Kiro
Amazon Comprehend|Comprehend
Amazon Comprehend Medical|comprehendmedical;Comprehend Medical
Amazon Rekognition|Rekognition
Amazon Textract|Textract
Amazon Transcribe|Transcribe
Amazon Translate|Translate
Amazon Polly|Polly
Amazon Lex|Lex
Amazon Kendra|Kendra
Amazon Personalize|Personalize
Amazon Forecast|Forecast
Amazon Fraud Detector|frauddetector;Fraud Detector
Amazon HealthLake|HealthLake
Amazon Machine Learning|machinelearning
Amazon Elastic File System|Amazon EFS;EFS;elasticfilesystem;Elastic File System
Amazon FSx|FSx
AWS Backup|Backup
AWS Storage Gateway|Storage Gateway;storagegateway
AWS DataSync|DataSync
AWS Transfer Family|Transfer Family;transfer
AWS Import/Export Snowball|Snowball;AWS Snowball;AWS Snow Family
AWS Data Transfer|Data Transfer
AWS Direct Connect|Direct Connect;directconnect
AWS Global Accelerator|Global Accelerator;globalaccelerator
AWS Network Firewall|Network Firewall;network-firewall
AWS Cloud WAN|Cloud WAN
AWS Cloud Map|Cloud Map;servicediscovery
AWS App Runner|App Runner;apprunner
AWS Elastic Beanstalk|Elastic Beanstalk;elasticbeanstalk
AWS Batch|Batch
Amazon Lightsail|Lightsail
AWS Outposts|Outposts
Amazon GameLift|GameLift;Amazon GameLift Servers
AWS Database Migration Service|AWS DMS;DMS;Database Migration Service
AWS Directory Service|Directory Service;ds
AWS Key Management Service|AWS KMS;KMS;Key Management Service
AWS Secrets Manager|Secrets Manager;secretsmanager
AWS Certificate Manager|ACM;Certificate Manager;acm-pca;AWS Private Certificate Authority
AWS CloudHSM|CloudHSM
AWS WAF|WAF;wafv2;waf-regional
AWS Shield|Shield
AWS Firewall Manager|Firewall Manager;fms
Amazon GuardDuty|GuardDuty
Amazon Inspector|Inspector;inspector2
Amazon Macie|Macie;macie2
Amazon Detective|Detective
AWS Security Hub|Security Hub;securityhub
Amazon Security Lake|Security Lake;securitylake
AWS Audit Manager|Audit Manager;auditmanager
Amazon Cognito;Amazon Cognito Sync|Cognito;cognito-idp;cognito-identity;cognito-sync
AWS Config|Config
AWS Systems Manager|Systems Manager;SSM;AWS SSM;Parameter Store
AWS CloudFormation|CloudFormation
AWS Service Catalog|Service Catalog;servicecatalog
AWS X-Ray|X-Ray;xray
Amazon Managed Grafana|Managed Grafana;Grafana
Amazon Managed Service for Prometheus|Managed Prometheus;Prometheus;aps;Amazon Prometheus
Amazon DevOps Guru|DevOps Guru;devops-guru
AWS Fault Injection Simulator|FIS;AWS Fault Injection Service
AWS Resilience Hub|Resilience Hub;resiliencehub
AWS Compute Optimizer|Compute Optimizer;compute-optimizer
AWS Cost Explorer|Cost Explorer;ce
AWS Budgets|Budgets
CodeBuild|AWS CodeBuild
AWS CodePipeline|CodePipeline
AWS CodeCommit|CodeCommit
AWS CodeArtifact|CodeArtifact
AWS CodeDeploy|CodeDeploy
AWS Amplify|Amplify
AWS Device Farm|Device Farm;devicefarm
AWS CloudShell|CloudShell
AWS IoT|IoT;AWS IoT Core;IoT Core
AWS IoT Device Management|IoT Device Management
AWS IoT Device Defender|IoT Device Defender
AWS IoT SiteWise|IoT SiteWise;iotsitewise
AWS Greengrass|Greengrass;AWS IoT Greengrass;IoT Greengrass
Amazon Location Service|Location Service;geo
Amazon Connect;Contact Lens for Amazon Connect;Contact Center Telecommunications (service sold by AMCS, LLC)|Connect
Amazon Chime|Chime
Amazon WorkSpaces|WorkSpaces
Amazon AppStream|AppStream;Amazon AppStream 2.0;AppStream 2.0;Amazon WorkSpaces Applications
Amazon WorkDocs|WorkDocs
AmazonWorkMail|Amazon WorkMail;WorkMail
Amazon CloudSearch|CloudSearch
Amazon Interactive Video Service|Amazon IVS;IVS
AWS Elemental MediaConvert|MediaConvert
AWS Elemental MediaLive|MediaLive
AWS Elemental MediaPackage|MediaPackage
AWS Elemental MediaStore|MediaStore
AWS Elemental MediaConnect|MediaConnect
AWS Elemental MediaTailor|MediaTailor
Amazon Elastic Transcoder|Elastic Transcoder;elastictranscoder
Amazon Managed Blockchain|managedblockchain;Managed Blockchain
Amazon Braket|Braket
AWS Application Migration Service|mgn;Application Migration Service
AWS Migration Hub Refactor Spaces|refactor-spaces;Refactor Spaces
Amazon Verified Permissions|verifiedpermissions;Verified Permissions
AWS Payment Cryptography|payment-cryptography;Payment Cryptography
AWS Identity and Access Management Access Analyzer|access-analyzer;IAM Access Analyzer;AWS IAM Access Analyzer
AWS HealthImaging|medical-imaging;HealthImaging
Amazon Omics|omics;AWS HealthOmics;HealthOmics
AWS Route 53 Application Recovery Controller|route53-recovery-control-config;Amazon Application Recovery Controller
AWS IoT Events|iotevents;IoT Events
AWS IoT TwinMaker|iottwinmaker;IoT TwinMaker
Amazon WorkSpaces Web|workspaces-web;WorkSpaces Web;Amazon WorkSpaces Secure Browser
AWS Telco Network Builder|tnb
AWS Billing Conductor|billingconductor;Billing Conductor
Amazon Mechanical Turk;Amazon Mechanical Turk Worker Rewards|mechanicalturk;Mechanical Turk
Savings Plans for AWS Compute usage;Savings Plans for AWS Machine Learning;Savings Plans for AWS Database usage|Savings Plans;AWS Savings Plans;savingsplans
AWS Support=AWS Support (Developer);AWS Support (Business);AWS Support (Enterprise);AWS Premium Support|Support;Premium Support
AWS Marketplace|Marketplace;aws-marketplace
Tax|AWS Tax
`;

/** By which names a family goes on beyond those listed: each model sold for Bedrock is a product with a name of its own. */
const openFamily = { name: 'Amazon Bedrock', ending: ' (Amazon Bedrock Edition)' };

let families: readonly CostServiceFamily[] | undefined;
let byWritten: ReadonlyMap<string, CostServiceFamily> | undefined;

/** All families, in the order of the table: the most usual first. */
export function costServiceFamilies(): readonly CostServiceFamily[] {
  families ??= table.trim().split('\n').map(decode);
  return families;
}

function decode(line: string): CostServiceFamily {
  const [left = '', aliases = ''] = line.split('|');
  const equals = left.indexOf('=');
  const costNames = left.slice(equals + 1).split(';');
  return {
    name: equals < 0 ? costNames[0]! : left.slice(0, equals),
    costNames,
    aliases: aliases === '' ? [] : aliases.split(';'),
  };
}

/** A name that several families have is of the one that comes first with it as its own, or else as another's. */
function index(): ReadonlyMap<string, CostServiceFamily> {
  if (byWritten === undefined) {
    const found = new Map<string, CostServiceFamily>();
    const known = costServiceFamilies();
    const add = (name: string, family: CostServiceFamily) => {
      const key = name.toLowerCase();
      if (!found.has(key)) found.set(key, family);
    };
    for (const family of known) add(family.name, family);
    for (const family of known) for (const name of family.costNames) add(name, family);
    for (const family of known) for (const name of family.aliases) add(name, family);
    byWritten = found;
  }
  return byWritten;
}

function familyOf(written: string): CostServiceFamily | undefined {
  return index().get(written.trim().toLowerCase());
}

/**
 * All Cost Explorer names of the family that a written name belongs to, undefined for an unknown name. A name that is
 * itself a value of Cost Explorer stands for its family too: `EC2 - Other` gives `Amazon Elastic Compute Cloud - Compute`
 * as well. Case and blanks around the name do not count.
 */
export function costServiceNames(written: string): readonly string[] | undefined {
  const family = familyOf(written);
  if (family !== undefined) return family.costNames;
  const name = written.trim();
  return name.length > openFamily.ending.length && name.endsWith(openFamily.ending) ? [name] : undefined;
}

/**
 * A glob that further names of the written name's family match, for a family that no list holds: `Amazon Bedrock` gives
 * `* (Amazon Bedrock Edition)`. Undefined for all others.
 */
export function costServiceGlob(written: string): string | undefined {
  return familyOf(written)?.name === openFamily.name ? `*${openFamily.ending}` : undefined;
}

/** The name that a misspelt one probably stands for. */
export function nearestCostService(written: string): string | undefined {
  return nearest(
    written.trim(),
    costServiceFamilies().flatMap(({ name, costNames, aliases }) => [name, ...costNames, ...aliases]),
  );
}
