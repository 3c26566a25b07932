# The machines that do not exist, as arguments of qemu-system-x86_64. Source this; `machine NAME`
# prints them.

# One node's memory and, unless it has none, its CPUs.
node() { # ID MIB [CPUS]
  printf -- '-object memory-backend-ram,id=m%s,size=%sM ' "$1" "$2"
  printf -- '-numa node,nodeid=%s,memdev=m%s%s ' "$1" "$1" "${3:+,cpus=$3}"
}

distance() { printf -- '-numa dist,src=%s,dst=%s,val=%s ' "$1" "$2" "$3"; }

# Nodes in two halves: 12 within one, 32 between the two.
two_halves() { # NODES
  local a b
  for ((a = 0; a < $1; ++a)); do
    for ((b = a + 1; b < $1; ++b)); do
      distance "$a" "$b" $((a / ($1 / 2) == b / ($1 / 2) ? 12 : 32))
    done
  done
}

# What HMAT says of one pair of nodes.
speed() { # INITIATOR TARGET NANOSECONDS GB_PER_SECOND
  local pair="initiator=$1,target=$2,hierarchy=memory"
  printf -- '-numa hmat-lb,%s,data-type=access-latency,latency=%s ' "$pair" "$3"
  printf -- '-numa hmat-lb,%s,data-type=access-bandwidth,bandwidth=%sG ' "$pair" "$4"
}

machine() {
  case $1 in
    four | four-6.12) # node 3 is small, so that it is soon full
      echo "-machine q35 -smp 8,sockets=4,cores=2,threads=1 -m 768M" \
        "$(node 0 320 0-1) $(node 1 192 2-3) $(node 2 192 4-5) $(node 3 64 6-7) $(two_halves 4)"
      ;;
    eight)
      echo "-machine q35 -smp 8,sockets=8,cores=1,threads=1 -m 1G" \
        "$(for n in 0 1 2 3 4 5 6 7; do node $n 128 $n; done) $(two_halves 8)"
      ;;
    memory-only)
      echo "-machine q35 -smp 4,sockets=2,cores=2,threads=1 -m 640M" \
        "$(node 0 256 0-1) $(node 1 192 2-3) $(node 2 192)" \
        "$(distance 0 1 21) $(distance 0 2 17) $(distance 1 2 28)"
      ;;
    memory-less) # node 1 has CPUs only
      echo "-machine q35 -smp 4,sockets=2,cores=2,threads=1 -m 512M" \
        "$(node 0 512 0-1) -numa node,nodeid=1,cpus=2-3 $(distance 0 1 21)"
      ;;
    hmat) # memory-only node 2 belongs to node 0's CPUs, and all speeds are told
      echo "-machine q35,hmat=on -smp 4,sockets=2,cores=2,threads=1 -m 640M" \
        "-object memory-backend-ram,id=m0,size=256M -numa node,nodeid=0,memdev=m0" \
        "-object memory-backend-ram,id=m1,size=192M -numa node,nodeid=1,memdev=m1,initiator=1" \
        "-object memory-backend-ram,id=m2,size=192M -numa node,nodeid=2,memdev=m2,initiator=0" \
        "-numa cpu,node-id=0,socket-id=0 -numa cpu,node-id=1,socket-id=1" \
        "$(distance 0 1 21) $(distance 0 2 17) $(distance 1 2 28)" \
        "$(speed 0 0 90 200) $(speed 0 1 150 60) $(speed 0 2 250 30)" \
        "$(speed 1 1 90 200) $(speed 1 0 150 60) $(speed 1 2 350 20)"
      ;;
    one)
      echo "-machine q35 -smp 4 -m 512M"
      ;;
    *)
      echo "there is no machine $1" >&2
      return 1
      ;;
  esac
}
