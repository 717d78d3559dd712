/** What `quorumwatch init` writes. */
export const STARTER = `# Quorumwatch: what is watched, by whom, and what happens when a quorum says that it is down.
# Check this file with: npx quorumwatch validate quorumwatch.config.yaml
# Every key: docs/config.md

name: example                  # part of every key and resource name

# Regions that probe and vote. A majority must agree before anything is called down.
vantages: [eu-west-1, us-east-2, ap-northeast-1]
interval: 30s

# Checks that several nodes share.
templates:
  web:
    home:                      # an id of your choice
      type: http
      path: /
      expect:
        status: 2xx
        time: { degraded: 800ms, down: 3s }
        certificate: { degraded: 14d }

nodes:
  eu1: { url: https://eu1.example.org, use: web }
  us1: { url: https://us1.example.org, use: web }

# Names that the nodes answer for: a member that is down leaves DNS, as far as its guard allows.
records:
  www:
    name: www.example.org
    zone: example.org
    policy: failover
    members:
      - { node: eu1, value: 203.0.113.10, role: primary }
      - { node: us1, value: 198.51.100.7, role: secondary }
    guard: { minInService: 1, mode: report }   # report: say what would be done; act: do it

# Who is told. The next tier follows when nobody acknowledged.
paging:
  tiers:
    - { email: [ops@example.org] }
    - { after: 10m, email: [everyone@example.org] }
`;
