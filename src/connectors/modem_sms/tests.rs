use super::*;

mod lines;
mod on_a_port;
mod pdus;
mod sim_modem;
