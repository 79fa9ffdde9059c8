#include "cmd/command.h"

int main(int argc, char **argv)
{
    return gw_cmd_main(argc, argv);
}
