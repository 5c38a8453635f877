use super::*;

mod lines;
mod on_a_port;
mod pdus;
mod second_opinion;
mod sim_modem;
