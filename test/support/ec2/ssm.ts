import { randomUUID } from 'node:crypto';
import { type Ec2State, refuse } from './state.ts';

/** The calls to SSM, by the JSON protocol. */
export function answerSsm(action: string, input: unknown, region: string, state: Ec2State): unknown {
  const field = (name: string): unknown =>
    typeof input === 'object' && input !== null ? Object.entries(input).find(([key]) => key === name)?.[1] : undefined;
  const text = (name: string): string => {
    const value = field(name);
    return typeof value === 'string' ? value : refuse('ValidationException', `${name} is no text`);
  };
  switch (action) {
    case 'GetParameter': {
      const name = text('Name');
      const value = state.parameters.get(`${region} ${name}`);
      if (value === undefined) refuse('ParameterNotFound', `Parameter ${name} not found.`);
      return { Parameter: { Name: name, Type: 'String', Value: value, Version: 1 } };
    }
    case 'SendCommand':
      return sendCommand(field, text, region, state);
    case 'GetCommandInvocation': {
      const command = state.commands.get(text('CommandId'));
      if (command === undefined || command.instance !== text('InstanceId')) {
        refuse('InvocationDoesNotExist', 'The command ID and managed node ID you specified did not match');
      }
      const isOver = command.pendingFor-- <= 0;
      const ids = { CommandId: command.id, InstanceId: command.instance };
      if (!isOver) return { ...ids, Status: 'InProgress', StandardOutputContent: '', StandardErrorContent: '' };
      return {
        ...ids,
        Status: command.success ? 'Success' : 'Failed',
        // SSM keeps as much of it.
        StandardOutputContent: command.output.slice(0, 24_000),
        StandardErrorContent: '',
      };
    }
    default:
      return refuse('UnknownOperationException', `polc does not call ${action}`);
  }
}

function sendCommand(
  field: (name: string) => unknown,
  text: (name: string) => string,
  region: string,
  state: Ec2State,
): unknown {
  if (text('DocumentName') !== 'AWS-RunShellScript') refuse('InvalidDocument', 'The document does not exist.');
  const ids = field('InstanceIds');
  const parameters = field('Parameters');
  const [id] = Array.isArray(ids) && ids.length === 1 ? ids : refuse('ValidationException', 'one instance is needed');
  const instance = state.instances.get(String(id));
  if (instance === undefined || instance.region !== region || instance.state !== 'running' || instance.agentAfter > 0) {
    if (instance !== undefined && instance.state === 'running') instance.agentAfter--;
    refuse('InvalidInstanceId', 'Instances not in a valid state for account');
  }
  const entries = Object.entries(typeof parameters === 'object' && parameters !== null ? parameters : {});
  for (const [name, value] of entries) {
    const isKnown = ['commands', 'workingDirectory', 'executionTimeout'].includes(name);
    if (!isKnown || !Array.isArray(value) || value.some((each) => typeof each !== 'string')) {
      refuse('InvalidParameters', `${name} is no parameter of the document`);
    }
  }
  const commands: unknown = entries.find(([name]) => name === 'commands')?.[1];
  const script = Array.isArray(commands) ? commands.join('\n') : refuse('InvalidParameters', 'commands is missing');
  const command = {
    id: randomUUID(),
    instance: instance.id,
    script,
    pendingFor: state.settings.pendingCommands,
    ...state.settings.script(script, instance),
  };
  state.commands.set(command.id, command);
  return { Command: { CommandId: command.id, Status: 'Pending', InstanceIds: [instance.id] } };
}
