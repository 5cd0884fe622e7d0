import { DescribeRouteTablesCommand, DescribeVpcEndpointsCommand, type EC2Client } from '@aws-sdk/client-ec2';
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { failureText } from './aws/failure';
import { type Finding, finding } from './plan/findings';
import type { Need } from './plan/secrets';

/** Checks whether a function in a VPC has a route to its secrets and to the internet. */
export async function networkFindings(
  ec2: EC2Client,
  { VpcConfig: vpc }: FunctionConfiguration,
  needs: readonly Need[],
  region: string,
): Promise<Finding[]> {
  const { VpcId: vpcId, SubnetIds: subnets = [] } = vpc ?? {};
  if (!vpcId || subnets.length === 0)
    return [finding('ok', 'network', 'not in a VPC, so that everything public can be reached')];
  try {
    const { RouteTables: tables = [] } = await ec2.send(
      new DescribeRouteTablesCommand({ Filters: [{ Name: 'vpc-id', Values: [vpcId] }] }),
    );
    const main = tables.find(({ Associations: all = [] }) => all.some(({ Main: isMain }) => isMain));
    const closed = subnets.filter((subnet) => {
      const table = tables.find(({ Associations: all = [] }) => all.some(({ SubnetId: id }) => id === subnet)) ?? main;
      // A function has no public address, so an internet gateway is of no use to it.
      return !table?.Routes?.some(
        ({ DestinationCidrBlock: to, NatGatewayId: nat, TransitGatewayId: transit, NetworkInterfaceId: instance }) =>
          to === '0.0.0.0/0' && (nat ?? transit ?? instance) !== undefined,
      );
    });
    if (closed.length === 0) return [finding('ok', 'network', `${vpcId}: each subnet has a way out`)];
    const findings = [
      finding(
        'warning',
        'network',
        `${closed.join(', ')} of ${vpcId} ${closed.length === 1 ? 'has' : 'have'} no way out`,
        'Loki has to be reached by a NAT gateway, peering, PrivateLink or a proxy',
      ),
    ];
    const services = [...new Set(needs.map(({ action }) => (action.startsWith('ssm:') ? 'ssm' : 'secretsmanager')))];
    if (services.length === 0) return findings;
    const { VpcEndpoints: endpoints = [] } = await ec2.send(
      new DescribeVpcEndpointsCommand({ Filters: [{ Name: 'vpc-id', Values: [vpcId] }] }),
    );
    for (const service of services) {
      const name = `com.amazonaws.${region}.${service}`;
      findings.push(
        endpoints.some(({ ServiceName: one }) => one === name)
          ? finding('ok', 'network', `${vpcId} has the interface endpoint ${name}`)
          : finding(
              'problem',
              'network',
              `the secrets can't be read from ${vpcId}: it has neither a way out nor the interface endpoint ${name}`,
              'make the endpoint, or a NAT gateway',
            ),
      );
    }
    return findings;
  } catch (error) {
    return [finding('unknown', 'network', `the routes of ${vpcId} can't be looked at: ${failureText(error)}`)];
  }
}
